// Package orders is the program under test: it bills what is ordered.
package orders

import (
	"context"
	"encoding/json"

	"github.com/twmb/franz-go/pkg/kgo"
)

// BillAll reads orders and writes bills, until so many were written. A client of franz-go is an
// idempotent producer by default.
func BillAll(ctx context.Context, servers string, stopAfter int, more ...kgo.Opt) error {
	client, err := kgo.NewClient(append(more,
		kgo.SeedBrokers(servers),
		kgo.ConsumerGroup("billing"),
		kgo.ConsumeTopics("orders"),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
	)...)
	if err != nil {
		return err
	}
	defer client.Close()
	for written := 0; written < stopAfter; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		for _, record := range fetches.Records() {
			var order struct{ Price int }
			if err := json.Unmarshal(record.Value, &order); err != nil {
				return err
			}
			value, err := json.Marshal(map[string]int{"due": order.Price})
			if err != nil {
				return err
			}
			bill := &kgo.Record{Topic: "bills", Key: record.Key, Value: value}
			if err := client.ProduceSync(ctx, bill).FirstErr(); err != nil {
				return err
			}
			written++
		}
	}
	return client.CommitUncommittedOffsets(ctx)
}
