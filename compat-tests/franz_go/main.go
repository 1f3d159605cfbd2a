// franz-go for the transactions of transacting.py, which has the protocol.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const patience = 20 * time.Second

// A producer by itself, or a session that consumes as well.
type transactor struct {
	client  *kgo.Client
	session *kgo.GroupTransactSession
}

type command struct {
	action, name string
	rest         []any
}

func (c command) text(at int) string { return c.rest[at].(string) }
func (c command) number(at int) int  { return int(c.rest[at].(float64)) }

func open(ctx context.Context, c command) (*transactor, error) {
	options := []kgo.Opt{
		kgo.SeedBrokers(os.Args[1]),
		kgo.TransactionalID(c.text(0)),
		kgo.TransactionTimeout(time.Duration(c.number(1)) * time.Millisecond),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
	}
	made := &transactor{}
	var err error
	if group := c.text(2); group != "" {
		made.session, err = kgo.NewGroupTransactSession(append(options,
			kgo.ConsumerGroup(group),
			kgo.ConsumeTopics(c.text(3)),
			kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
			kgo.FetchIsolationLevel(kgo.ReadCommitted()),
			kgo.RequireStableFetchOffsets(),
		)...)
		if err != nil {
			return nil, err
		}
		made.client = made.session.Client()
	} else if made.client, err = kgo.NewClient(options...); err != nil {
		return nil, err
	}
	_, _, err = made.client.ProducerID(ctx) // Fences the producer before.
	return made, err
}

func (t *transactor) begin() error {
	if t.session != nil {
		return t.session.Begin()
	}
	return t.client.BeginTransaction()
}

func (t *transactor) send(ctx context.Context, topic string, partition int, value string) error {
	record := &kgo.Record{Topic: topic, Partition: int32(partition), Value: []byte(value)}
	return t.client.ProduceSync(ctx, record).FirstErr()
}

func (t *transactor) transform(ctx context.Context, topic string, count int) error {
	for count > 0 {
		fetches := t.session.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		for _, got := range fetches.Records() {
			value := strings.ToUpper(string(got.Value))
			if err := t.send(ctx, topic, int(got.Partition), value); err != nil {
				return err
			}
			count--
		}
	}
	return nil // The session sends the offsets when the transaction ends.
}

func (t *transactor) end(ctx context.Context, how kgo.TransactionEndTry) error {
	if t.session != nil {
		committed, err := t.session.End(ctx, how)
		if err == nil && committed != bool(how) {
			return errors.New("the session aborted by itself")
		}
		return err
	}
	if how == kgo.TryAbort {
		if err := t.client.AbortBufferedRecords(ctx); err != nil {
			return err
		}
	} else if err := t.client.Flush(ctx); err != nil {
		return err
	}
	return t.client.EndTransaction(ctx, how)
}

func run(all map[string]*transactor, c command) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if c.action == "open" {
		made, err := open(ctx, c)
		all[c.name] = made
		return err
	}
	t := all[c.name]
	switch c.action {
	case "begin":
		return t.begin()
	case "send":
		return t.send(ctx, c.text(0), c.number(1), c.text(2))
	case "transform":
		return t.transform(ctx, c.text(0), c.number(1))
	case "commit":
		return t.end(ctx, kgo.TryCommit)
	case "abort":
		return t.end(ctx, kgo.TryAbort)
	case "close":
		if t.session != nil {
			t.session.Close()
		} else {
			t.client.Close()
		}
		delete(all, c.name)
		return nil
	}
	return fmt.Errorf("unknown action %q", c.action)
}

func nameOf(err error) string {
	var known *kerr.Error
	if errors.As(err, &known) {
		return known.Message
	}
	return fmt.Sprintf("%T", err)
}

func main() {
	all := map[string]*transactor{}
	lines := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var words []any
		answer := map[string]string{}
		if err := json.Unmarshal(lines.Bytes(), &words); err != nil {
			answer = map[string]string{"error": "json", "text": err.Error()}
		} else {
			c := command{words[0].(string), words[1].(string), words[2:]}
			if err := run(all, c); err != nil {
				answer = map[string]string{"error": nameOf(err), "text": err.Error()}
			}
		}
		out.Encode(answer)
	}
}
