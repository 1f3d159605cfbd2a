// What segmentio/kafka-go can do, against any broker.
package main

import (
	"bytes"
	"compat/cases"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/segmentio/kafka-go"
)

var (
	must   = cases.Must
	equal  = cases.Equal
	start  = time.UnixMilli(1_600_000_000_000)
	client = &kafka.Client{Addr: kafka.TCP(cases.Bootstrap), Timeout: 20 * time.Second}
)

func patience() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), 20*time.Second)
}

func topic(name string, partitions int, entries ...kafka.ConfigEntry) string {
	ctx, cancel := patience()
	defer cancel()
	made := cases.Got(client.CreateTopics(ctx, &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{
		{Topic: name, NumPartitions: partitions, ReplicationFactor: 1, ConfigEntries: entries},
	}}))
	must(made.Errors[name])
	return name
}

func messages(count int) []kafka.Message {
	made := make([]kafka.Message, count)
	for i := range made {
		made[i] = kafka.Message{
			Partition: i % 3,
			Key:       []byte(fmt.Sprintf("key %d", i)),
			Value:     bytes.Repeat([]byte(fmt.Sprintf("value %d ", i)), i*3+1),
			Headers:   []kafka.Header{{Key: "trace", Value: []byte{byte(i)}}},
			Time:      start.Add(time.Duration(i) * time.Second),
		}
	}
	return made
}

// The balancer that puts message i where it says.
func byNumber(message kafka.Message, partitions ...int) int {
	return partitions[int(message.Time.Sub(start)/time.Second)%len(partitions)]
}

func text(m kafka.Message) string {
	return fmt.Sprintf("%d %q=%q %v %d", m.Partition, m.Key, m.Value, m.Headers, m.Time.UnixMilli())
}

func produce(topic string, count int, change func(*kafka.Writer)) map[string]bool {
	writer := &kafka.Writer{
		Addr: kafka.TCP(cases.Bootstrap), Topic: topic, Balancer: kafka.BalancerFunc(byNumber),
		BatchTimeout: 5 * time.Millisecond, RequiredAcks: kafka.RequireAll,
	}
	change(writer)
	defer writer.Close()
	ctx, cancel := patience()
	defer cancel()
	must(writer.WriteMessages(ctx, messages(count)...))
	sent := map[string]bool{}
	for _, m := range messages(count) {
		sent[text(m)] = true
	}
	return sent
}

func plain(*kafka.Writer) {}

func read(topic string, partitions, each int) map[string]bool {
	found := map[string]bool{}
	for partition := 0; partition < partitions; partition++ {
		reader := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{cases.Bootstrap}, Topic: topic, Partition: partition, MaxWait: 100 * time.Millisecond})
		ctx, cancel := patience()
		for i := 0; i < each; i++ {
			found[text(cases.Got(reader.ReadMessage(ctx)))] = true
		}
		cancel()
		must(reader.Close())
	}
	return found
}

func producers() {
	for name, codec := range map[string]kafka.Compression{"none": 0, "gzip": kafka.Gzip, "snappy": kafka.Snappy, "lz4": kafka.Lz4, "zstd": kafka.Zstd} {
		cases.Run("records come back exactly, "+name, func() {
			topic := topic("codec-"+name, 3)
			sent := produce(topic, 90, func(w *kafka.Writer) { w.Compression = codec })
			equal(read(topic, 3, 30), sent, "records")
		})
	}
	cases.Run("produce with acks leader and none", func() {
		topic := topic("acks", 3)
		produce(topic, 30, func(w *kafka.Writer) { w.RequiredAcks = kafka.RequireOne })
		produce(topic, 30, func(w *kafka.Writer) { w.RequiredAcks = kafka.RequireNone })
		equal(len(read(topic, 3, 20)), 30, "different records")
	})
	cases.Run("a record that is too large is refused", func() {
		topic := topic("large", 1)
		writer := &kafka.Writer{Addr: kafka.TCP(cases.Bootstrap), Topic: topic, BatchBytes: 8 << 20, MaxAttempts: 1, RequiredAcks: kafka.RequireAll}
		defer writer.Close()
		ctx, cancel := patience()
		defer cancel()
		err := writer.WriteMessages(ctx, kafka.Message{Value: make([]byte, 4<<20)})
		var each kafka.WriteErrors
		if errors.As(err, &each) {
			err = each[0]
		}
		equal(errors.Is(err, kafka.MessageSizeTooLarge), true, fmt.Sprint(err))
	})
}

func consumers() {
	cases.Run("consume from an offset, from a time and from the end", func() {
		topic := topic("places", 3)
		produce(topic, 90, plain)
		reader := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{cases.Bootstrap}, Topic: topic, Partition: 1, MaxWait: 100 * time.Millisecond})
		defer reader.Close()
		ctx, cancel := patience()
		defer cancel()
		must(reader.SetOffset(25))
		equal(cases.Got(reader.ReadMessage(ctx)).Offset, int64(25), "offset")
		must(reader.SetOffsetAt(ctx, start.Add(46*time.Second)))
		equal(cases.Got(reader.ReadMessage(ctx)).Offset, int64(15), "offset by time")
		equal(cases.Got(reader.ReadLag(ctx)), int64(14), "lag")
		conn := cases.Got(kafka.DialLeader(ctx, "tcp", cases.Bootstrap, topic, 1))
		defer conn.Close()
		first, last, err := conn.ReadOffsets()
		must(err)
		equal([]int64{first, last}, []int64{0, 30}, "bounds")
		cases.Got(conn.Seek(3, kafka.SeekEnd))
		equal(cases.Got(conn.ReadMessage(1<<20)).Offset, int64(27), "before the end")
	})
	cases.Run("two members share the partitions and commit", func() {
		topic := topic("group", 2)
		ctx, cancel := patience()
		defer cancel()
		join := func() *kafka.Reader {
			return kafka.NewReader(kafka.ReaderConfig{
				Brokers: []string{cases.Bootstrap}, GroupID: "kafka-go", Topic: topic, StartOffset: kafka.FirstOffset,
				HeartbeatInterval: 200 * time.Millisecond, MaxWait: 100 * time.Millisecond, CommitInterval: 0,
			})
		}
		first := join()
		produce(topic, 2, plain)
		for i := 0; i < 2; i++ {
			must(first.CommitMessages(ctx, cases.Got(first.FetchMessage(ctx))))
		}
		second := join()
		cases.Until("two members with a partition each", func() bool {
			group := cases.Got(client.DescribeGroups(ctx, &kafka.DescribeGroupsRequest{GroupIDs: []string{"kafka-go"}})).Groups[0]
			shares := 0
			for _, member := range group.Members {
				if len(member.MemberAssignments.Topics) == 1 && len(member.MemberAssignments.Topics[0].Partitions) == 1 {
					shares++
				}
			}
			return group.GroupState == "Stable" && shares == 2
		})
		produce(topic, 2, plain)
		for _, member := range []*kafka.Reader{first, second} {
			must(member.CommitMessages(ctx, cases.Got(member.FetchMessage(ctx))))
			must(member.Close())
		}
		fetched := cases.Got(client.OffsetFetch(ctx, &kafka.OffsetFetchRequest{GroupID: "kafka-go", Topics: map[string][]int{topic: {0, 1}}}))
		for _, partition := range fetched.Topics[topic] {
			equal(partition.CommittedOffset, int64(2), "committed")
		}
	})
}

func administration() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cases.Run("topics are created, described, grown and deleted", func() {
		topic("admin", 2, kafka.ConfigEntry{ConfigName: "retention.ms", ConfigValue: "60000"})
		again := cases.Got(client.CreateTopics(ctx, &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{{Topic: "admin", NumPartitions: 1, ReplicationFactor: 1}}}))
		equal(errors.Is(again.Errors["admin"], kafka.TopicAlreadyExists), true, "made twice")
		must(cases.Got(client.CreatePartitions(ctx, &kafka.CreatePartitionsRequest{Topics: []kafka.TopicPartitionsConfig{{Name: "admin", Count: 4}}})).Errors["admin"])
		cases.Until("four partitions", func() bool {
			return len(cases.Got(client.Metadata(ctx, &kafka.MetadataRequest{Topics: []string{"admin"}})).Topics[0].Partitions) == 4
		})
		must(cases.Got(client.DeleteTopics(ctx, &kafka.DeleteTopicsRequest{Topics: []string{"admin"}})).Errors["admin"])
		gone := cases.Got(client.DeleteTopics(ctx, &kafka.DeleteTopicsRequest{Topics: []string{"admin"}}))
		equal(errors.Is(gone.Errors["admin"], kafka.UnknownTopicOrPartition), true, "deleted twice")
	})
	cases.Run("configurations are described and changed", func() {
		topic("configured", 1)
		where := kafka.ResourceTypeTopic
		changed := cases.Got(client.IncrementalAlterConfigs(ctx, &kafka.IncrementalAlterConfigsRequest{Resources: []kafka.IncrementalAlterConfigsRequestResource{{
			ResourceType: where, ResourceName: "configured",
			Configs: []kafka.IncrementalAlterConfigsRequestConfig{{Name: "retention.ms", Value: "1234", ConfigOperation: kafka.ConfigOperationSet}},
		}}}))
		must(changed.Resources[0].Error)
		cases.Until("the new value", func() bool {
			found := cases.Got(client.DescribeConfigs(ctx, &kafka.DescribeConfigsRequest{Resources: []kafka.DescribeConfigRequestResource{{ResourceType: where, ResourceName: "configured", ConfigNames: []string{"retention.ms"}}}}))
			return found.Resources[0].ConfigEntries[0].ConfigValue == "1234"
		})
	})
	cases.Run("groups are listed and deleted", func() {
		must(cases.Got(client.OffsetCommit(ctx, &kafka.OffsetCommitRequest{GroupID: "by-hand", GenerationID: -1, Topics: map[string][]kafka.OffsetCommit{topic("committed", 1): {{Partition: 0, Offset: 7}}}})).Topics["committed"][0].Error)
		found := false
		for _, group := range cases.Got(client.ListGroups(ctx, &kafka.ListGroupsRequest{})).Groups {
			found = found || group.GroupID == "by-hand"
		}
		equal(found, true, "listed")
		must(cases.Got(client.OffsetDelete(ctx, &kafka.OffsetDeleteRequest{GroupID: "by-hand", Topics: map[string][]int{"committed": {0}}})).Error)
		deleted := cases.Got(client.DeleteGroups(ctx, &kafka.DeleteGroupsRequest{GroupIDs: []string{"nobody"}}))
		equal(errors.Is(deleted.Errors["nobody"], kafka.GroupIdNotFound), true, "nobody")
	})
	cases.Run("partitions are where they can be", func() {
		topic("placed", 1)
		done := cases.Got(client.AlterPartitionReassignments(ctx, &kafka.AlterPartitionReassignmentsRequest{Topic: "placed", Assignments: []kafka.AlterPartitionReassignmentsRequestAssignment{{PartitionID: 0, BrokerIDs: []int{1}}}, Timeout: 5 * time.Second}))
		must(done.Error)
		must(done.PartitionResults[0].Error)
		elected := cases.Got(client.ElectLeaders(ctx, &kafka.ElectLeadersRequest{Topic: "placed", Partitions: []int{0}, Timeout: 5 * time.Second}))
		must(elected.Error)
	})
	cases.Run("raw records are produced and fetched", func() {
		topic("raw", 1)
		produced := cases.Got(client.Produce(ctx, &kafka.ProduceRequest{Topic: "raw", RequiredAcks: kafka.RequireAll, Records: kafka.NewRecordReader(kafka.Record{Key: kafka.NewBytes([]byte("k")), Value: kafka.NewBytes([]byte("v"))})}))
		must(produced.Error)
		fetched := cases.Got(client.Fetch(ctx, &kafka.FetchRequest{Topic: "raw", MinBytes: 1, MaxBytes: 1 << 20, MaxWait: time.Second}))
		must(fetched.Error)
		record := cases.Got(fetched.Records.ReadRecord())
		equal(string(cases.Got(io.ReadAll(record.Value))), "v", "value")
		equal(fetched.HighWatermark, int64(1), "high watermark")
	})
}

func main() {
	producers()
	consumers()
	administration()
	cases.End()
}
