package orders

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"testing"
)

type object = map[string]any

// A broker that ends with the test, whatever ends it; and all that it can be told.
type broker struct {
	t       *testing.T
	Servers string `json:"bootstrap_servers"`
	Control string
}

func start(t *testing.T) *broker {
	command := exec.Command("kafkacompat", "start", "--memory", "-p", "0",
		"--control-port", "0", "--print-ready", "json", "--stdin-guard")
	stdin, err := command.StdinPipe()
	must(t, err)
	stdout, err := command.StdoutPipe()
	must(t, err)
	must(t, command.Start())
	t.Cleanup(func() {
		stdin.Close()
		command.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	must(t, err)
	b := &broker{t: t}
	must(t, json.Unmarshal(line, b))
	return b
}

func (b *broker) get(path string) []object {
	b.t.Helper()
	response, err := http.Get(b.Control + path)
	must(b.t, err)
	var found []object
	must(b.t, json.Unmarshal(b.read(response), &found))
	return found
}

func (b *broker) post(path string, body object) {
	b.t.Helper()
	content, err := json.Marshal(body)
	must(b.t, err)
	response, err := http.Post(b.Control+path, "application/json", bytes.NewReader(content))
	must(b.t, err)
	b.read(response)
}

func (b *broker) read(response *http.Response) []byte {
	b.t.Helper()
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	must(b.t, err)
	if response.StatusCode != http.StatusOK {
		b.t.Fatalf("%s", content)
	}
	return content
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
