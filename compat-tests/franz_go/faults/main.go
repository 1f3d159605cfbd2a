// franz-go under faults: commands and answers are those of compat-tests/faults/commands.py.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	requestTimeout = 2 * time.Second
	giveUp         = 8 * time.Second
	sessionTimeout = 1500 * time.Millisecond
)

type command struct {
	ID         int    `json:"id"`
	Do         string `json:"do"`
	ClientID   string `json:"client_id"`
	Topic      string `json:"topic"`
	Group      string `json:"group"`
	Idempotent bool   `json:"idempotent"`
}

func (c command) options(more ...kgo.Opt) []kgo.Opt {
	return append(more,
		kgo.SeedBrokers(os.Args[1]),
		kgo.ClientID(c.ClientID),
		kgo.MetadataMinAge(100*time.Millisecond),
		kgo.RequestTimeoutOverhead(requestTimeout),
		kgo.RetryTimeout(giveUp),
	)
}

func produce(ctx context.Context, c command) error {
	options := c.options(
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProduceRequestTimeout(requestTimeout),
		kgo.RecordDeliveryTimeout(giveUp),
	)
	if !c.Idempotent {
		options = append(options, kgo.DisableIdempotentWrite())
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		return err
	}
	defer client.Close()
	return client.ProduceSync(ctx, &kgo.Record{Topic: c.Topic, Value: []byte("x")}).FirstErr()
}

func read(ctx context.Context, options []kgo.Opt) error {
	client, err := kgo.NewClient(append(options,
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchMaxWait(500*time.Millisecond))...)
	if err != nil {
		return err
	}
	defer client.CloseAllowingRebalance()
	for {
		fetches := client.PollFetches(ctx)
		if fetches.NumRecords() > 0 {
			return nil
		}
		if err := fetches.Err(); err != nil {
			return err
		}
	}
}

func fetch(ctx context.Context, c command) error {
	return read(ctx, c.options(kgo.ConsumePartitions(
		map[string]map[int32]kgo.Offset{c.Topic: {0: kgo.NewOffset().At(0)}})))
}

func join(ctx context.Context, c command) error {
	return read(ctx, c.options(
		kgo.ConsumerGroup(c.Group),
		kgo.ConsumeTopics(c.Topic),
		kgo.DisableAutoCommit(),
		kgo.SessionTimeout(sessionTimeout),
		kgo.HeartbeatInterval(400*time.Millisecond),
		kgo.RebalanceTimeout(giveUp),
	))
}

// Without a member, an offset is committed by the admin client.
func commit(ctx context.Context, c command) error {
	client, err := kgo.NewClient(c.options()...)
	if err != nil {
		return err
	}
	defer client.Close()
	var offsets kadm.Offsets
	offsets.AddOffset(c.Topic, 0, 1, -1)
	return kadm.NewClient(client).CommitAllOffsets(ctx, c.Group, offsets)
}

var actions = map[string]func(context.Context, command) error{
	"produce": produce, "fetch": fetch, "commit": commit, "join": join,
}

// "" is: nothing came of it, and no error was told.
func nameOf(err error) *string {
	var known *kerr.Error
	name := fmt.Sprintf("%T", err)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		name = known.Message
	case errors.Is(err, context.DeadlineExceeded):
		name = ""
	case errors.Is(err, kgo.ErrRecordTimeout):
		name = "ErrRecordTimeout"
	case errors.Is(err, kgo.ErrRecordRetries):
		name = "ErrRecordRetries"
	}
	return &name
}

// A record whose fate is unknown is not given up for a context's sake: so do not wait for that.
func bounded(c command) error {
	ctx, cancel := context.WithTimeout(context.Background(), giveUp+time.Second)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- actions[c.Do](ctx, c) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func main() {
	var lock sync.Mutex
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var c command
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			panic(err)
		}
		go func() {
			began := time.Now()
			failed := nameOf(bounded(c))
			lock.Lock()
			defer lock.Unlock()
			text, _ := json.Marshal(failed)
			seconds := time.Since(began).Seconds()
			fmt.Printf("{\"id\": %d, \"error\": %s, \"seconds\": %.2f}\n", c.ID, text, seconds)
		}()
	}
}
