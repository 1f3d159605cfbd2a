// Package cases runs the cases of a client and tells the suite what came of each.
package cases

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Bootstrap is the broker's address.
var Bootstrap = os.Getenv("BOOTSTRAP")

var count int

// Skipped is the error of a case that a client's version cannot do.
type Skipped struct{ Why string }

func (s Skipped) Error() string { return s.Why }

// Run runs a case that panics on what is wrong and prints its line.
func Run(name string, body func()) {
	began := time.Now()
	line := map[string]any{"case": name}
	if err := attempt(body); err != nil {
		var skipped Skipped
		if errors.As(err, &skipped) {
			line["skipped"] = skipped.Why
		} else {
			line["error"] = err.Error()
		}
	} else {
		line["error"] = nil
	}
	line["seconds"] = time.Since(began).Seconds()
	say(line)
	count++
}

// End tells the suite that all cases have run.
func End() { say(map[string]any{"end": count}) }

// Must panics when there is an error.
func Must(err error) {
	if err != nil {
		panic(err)
	}
}

// Got returns a value, or panics when there is an error instead.
func Got[T any](value T, err error) T {
	Must(err)
	return value
}

// Equal panics when what was found is not what was expected.
func Equal(found, expected any, what string) {
	if f, e := fmt.Sprintf("%#v", found), fmt.Sprintf("%#v", expected); f != e {
		panic(fmt.Errorf("%s: found %.1000s, expected %.1000s", what, f, e))
	}
}

// Until waits for a condition, half a minute at most.
func Until(what string, condition func() bool) {
	for limit := time.Now().Add(30 * time.Second); !condition(); {
		if time.Now().After(limit) {
			panic(fmt.Errorf("not within 30 s: %s", what))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func attempt(body func()) (err error) {
	defer func() {
		if found := recover(); found != nil {
			err = fmt.Errorf("%v at %s", found, place())
			if skipped, ok := found.(Skipped); ok {
				err = skipped
			}
		}
	}()
	body()
	return nil
}

// Where in the client's own program a panic came from.
func place() string {
	for depth := 3; ; depth++ {
		_, file, line, ok := runtime.Caller(depth)
		if !ok {
			return "?"
		}
		if strings.Contains(file, "compat-tests") && !strings.Contains(file, "go_cases") {
			return fmt.Sprintf("%s:%d", filepath.Base(file), line)
		}
	}
}

// A line begins anew, whatever a client logged before.
func say(line map[string]any) {
	text, _ := json.Marshal(line)
	fmt.Printf("\n%s\n", text)
}
