// What franz-go and its admin client can do, against any broker.
package main

import (
	"bytes"
	"compat/cases"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

var (
	must  = cases.Must
	equal = cases.Equal
	start = time.UnixMilli(1_600_000_000_000)
	ctx   = context.Background()
)

func client(options ...kgo.Opt) *kgo.Client {
	options = append([]kgo.Opt{
		kgo.SeedBrokers(cases.Bootstrap),
		kgo.RetryTimeout(20 * time.Second),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
	}, options...)
	return cases.Got(kgo.NewClient(options...))
}

func admin() *kadm.Client { return kadm.NewClient(client()) }

func topic(name string, partitions int32) string {
	adm := admin()
	defer adm.Close()
	_, err := adm.CreateTopic(ctx, partitions, 1, nil, name)
	must(err)
	return name
}

func records(topic string, count int) []*kgo.Record {
	made := make([]*kgo.Record, count)
	for i := range made {
		made[i] = &kgo.Record{
			Topic:     topic,
			Partition: int32(i % 3),
			Key:       []byte(fmt.Sprintf("key %d", i)),
			Value:     bytes.Repeat([]byte(fmt.Sprintf("value %d ", i)), i*3+1),
			Timestamp: start.Add(time.Duration(i) * time.Second),
			Headers:   []kgo.RecordHeader{{Key: "trace", Value: []byte{byte(i)}}, {Key: "none"}},
		}
		if i%5 == 0 {
			made[i].Value = nil
		}
	}
	return made
}

func text(r *kgo.Record) string {
	return fmt.Sprintf("%d/%d %q=%q %v %d", r.Partition, r.Offset, r.Key, r.Value, r.Headers, r.Timestamp.UnixMilli())
}

func produce(cl *kgo.Client, made []*kgo.Record) map[string]bool {
	must(cl.ProduceSync(ctx, made...).FirstErr())
	sent := map[string]bool{}
	for _, r := range made {
		sent[text(r)] = true
	}
	return sent
}

func consume(cl *kgo.Client, count int) map[string]bool {
	limit, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	found := map[string]bool{}
	for len(found) < count {
		fetches := cl.PollFetches(limit)
		must(fetches.Err())
		fetches.EachRecord(func(r *kgo.Record) { found[text(r)] = true })
	}
	return found
}

func codec(name string, c kgo.CompressionCodec) {
	cases.Run("records come back exactly, "+name, func() {
		topic := topic("codec-"+name, 3)
		cl := client(kgo.ProducerBatchCompression(c), kgo.ConsumeTopics(topic),
			kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
		defer cl.Close()
		sent := produce(cl, records(topic, 90))
		equal(consume(cl, 90), sent, "records")
	})
}

func acks(name string, options ...kgo.Opt) {
	cases.Run("produce with acks "+name, func() {
		topic := topic("acks-"+name, 3)
		cl := client(options...)
		defer cl.Close()
		must(cl.ProduceSync(ctx, records(topic, 30)...).FirstErr())
		adm := kadm.NewClient(cl)
		cases.Until("30 records", func() bool {
			ends := cases.Got(adm.ListEndOffsets(ctx, topic))
			total := int64(0)
			ends.Each(func(o kadm.ListedOffset) { total += o.Offset })
			return total == 30
		})
	})
}

func producers() {
	codec("none", kgo.NoCompression())
	codec("gzip", kgo.GzipCompression())
	codec("snappy", kgo.SnappyCompression())
	codec("lz4", kgo.Lz4Compression())
	codec("zstd", kgo.ZstdCompression())
	acks("all", kgo.RequiredAcks(kgo.AllISRAcks()))
	acks("leader", kgo.RequiredAcks(kgo.LeaderAck()), kgo.DisableIdempotentWrite())
	acks("none", kgo.RequiredAcks(kgo.NoAck()), kgo.DisableIdempotentWrite())
	cases.Run("a record that is too large is refused", func() {
		topic := topic("large", 1)
		cl := client(kgo.ProducerBatchMaxBytes(8<<20), kgo.ProducerBatchCompression(kgo.NoCompression()))
		defer cl.Close()
		err := cl.ProduceSync(ctx, &kgo.Record{Topic: topic, Value: make([]byte, 4<<20)}).FirstErr()
		equal(errors.Is(err, kerr.MessageTooLarge), true, fmt.Sprint(err))
	})
	cases.Run("transactions are all or nothing", func() {
		topic := topic("transactions", 3)
		cl := client(kgo.TransactionalID("franz"))
		defer cl.Close()
		must(cl.BeginTransaction())
		must(cl.ProduceSync(ctx, records(topic, 30)...).FirstErr())
		must(cl.EndTransaction(ctx, kgo.TryAbort))
		must(cl.BeginTransaction())
		sent := produce(cl, records(topic, 30))
		must(cl.EndTransaction(ctx, kgo.TryCommit))
		reader := client(kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
			kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
		defer reader.Close()
		equal(consume(reader, 30), sent, "committed records")
	})
}

func consumers() {
	cases.Run("consume from an offset, from a time and from the end", func() {
		topic := topic("places", 3)
		writer := client()
		defer writer.Close()
		produce(writer, records(topic, 90))
		from := func(o kgo.Offset, count int) {
			cl := client(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: o}}))
			defer cl.Close()
			equal(len(consume(cl, count)), count, "records")
		}
		from(kgo.NewOffset().At(25), 5)
		from(kgo.NewOffset().AtEnd().Relative(-3), 3)
		from(kgo.NewOffset().AfterMilli(start.UnixMilli()+60_000), 10)
	})
	cases.Run("two members share the partitions and commit", func() {
		topic := topic("group", 6)
		writer := client()
		defer writer.Close()
		produce(writer, records(topic, 90))
		member := func(o ...kgo.Opt) *kgo.Client {
			return client(append(o, kgo.ConsumerGroup("franz-group"), kgo.ConsumeTopics(topic),
				kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit(),
				kgo.Balancers(kgo.CooperativeStickyBalancer()), kgo.HeartbeatInterval(200*time.Millisecond))...)
		}
		first := member()
		equal(len(consume(first, 90)), 90, "records")
		must(first.CommitUncommittedOffsets(ctx))
		second := member(kgo.InstanceID("second"))
		adm := admin()
		defer adm.Close()
		cases.Until("three partitions each", func() bool {
			quick, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
			defer cancel()
			first.PollFetches(quick)
			second.PollFetches(quick)
			group := cases.Got(adm.DescribeGroups(ctx, "franz-group"))["franz-group"]
			parts := 0
			for _, m := range group.Members {
				if c, ok := m.Assigned.AsConsumer(); ok && len(c.Topics) == 1 && len(c.Topics[0].Partitions) == 3 {
					parts += 3
				}
			}
			return group.State == "Stable" && parts == 6
		})
		first.Close()
		second.Close()
		lag := cases.Got(adm.Lag(ctx, "franz-group"))["franz-group"]
		equal(lag.Lag.Total(), int64(0), "lag")
	})
	cases.Run("a consumer of a pattern finds new topics", func() {
		cl := client(kgo.ConsumeRegex(), kgo.ConsumeTopics("^pattern-.*"), kgo.MetadataMinAge(100*time.Millisecond),
			kgo.MetadataMaxAge(200*time.Millisecond), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
		defer cl.Close()
		for _, name := range []string{"pattern-a", "pattern-b"} {
			topic := topic(name, 3)
			writer := client()
			sent := produce(writer, records(topic, 9))
			writer.Close()
			equal(consume(cl, 9), sent, name)
		}
	})
}

func main() {
	producers()
	consumers()
	administration()
	cases.End()
}
