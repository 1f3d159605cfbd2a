// What sarama can do, old and new, against any broker. Programs of 1.26 import the path of today:
// the .mod file of that version says where its sources were then.
package main

import (
	"bytes"
	"compat/cases"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/IBM/sarama"
)

var (
	must    = cases.Must
	equal   = cases.Equal
	start   = time.UnixMilli(1_600_000_000_000)
	brokers = []string{cases.Bootstrap}
	version = os.Getenv("CLIENT_VERSION")
)

// The protocol that a user of that time would have asked for.
func config() *sarama.Config {
	made := sarama.NewConfig()
	made.ClientID = "sarama-cases"
	made.Version = sarama.V2_4_0_0
	if !strings.HasPrefix(version, "1.26.") {
		made.Version = sarama.MaxVersion
	}
	made.Producer.Return.Successes = true
	made.Producer.Partitioner = sarama.NewManualPartitioner
	made.Consumer.Offsets.Initial = sarama.OffsetOldest
	made.Consumer.Group.Heartbeat.Interval = 200 * time.Millisecond
	return made
}

func admin() sarama.ClusterAdmin { return cases.Got(sarama.NewClusterAdmin(brokers, config())) }

func topic(name string, partitions int32) string {
	adm := admin()
	defer adm.Close()
	must(adm.CreateTopic(name, &sarama.TopicDetail{NumPartitions: partitions, ReplicationFactor: 1}, false))
	return name
}

func messages(topic string, count int) []*sarama.ProducerMessage {
	made := make([]*sarama.ProducerMessage, count)
	for i := range made {
		made[i] = &sarama.ProducerMessage{
			Topic:     topic,
			Partition: int32(i % 3),
			Key:       sarama.StringEncoder(fmt.Sprintf("key %d", i)),
			Value:     sarama.ByteEncoder(bytes.Repeat([]byte(fmt.Sprintf("value %d ", i)), i*3+1)),
			Headers:   []sarama.RecordHeader{{Key: []byte("trace"), Value: []byte{byte(i)}}},
			Timestamp: start.Add(time.Duration(i) * time.Second),
		}
		if i%5 == 0 {
			made[i].Value = nil
		}
	}
	return made
}

func bytesOf(encoder sarama.Encoder) []byte {
	if encoder == nil {
		return nil
	}
	return cases.Got(encoder.Encode())
}

// How a message reads, by its partition and offset; Produce before version 2 keeps no timestamps.
func sent(made []*sarama.ProducerMessage) map[string]string {
	found := map[string]string{}
	for _, m := range made {
		found[fmt.Sprintf("%d/%d", m.Partition, m.Offset)] = fmt.Sprintf("%q=%q %v", bytesOf(m.Key), bytesOf(m.Value), m.Headers)
	}
	return found
}

func produce(with *sarama.Config, made []*sarama.ProducerMessage) map[string]string {
	var producer sarama.SyncProducer
	cases.Until("a producer", func() (made bool) { // A coordinator may still be loading.
		var err error
		producer, err = sarama.NewSyncProducer(brokers, with)
		return err == nil
	})
	defer producer.Close()
	must(producer.SendMessages(made))
	return sent(made)
}

func received(m *sarama.ConsumerMessage) string {
	headers := make([]sarama.RecordHeader, 0, len(m.Headers))
	for _, header := range m.Headers {
		headers = append(headers, *header)
	}
	return fmt.Sprintf("%q=%q %v", m.Key, m.Value, headers)
}

func consume(with *sarama.Config, topic string, partitions, count int, from int64) map[string]string {
	consumer := cases.Got(sarama.NewConsumer(brokers, with))
	defer consumer.Close()
	found := map[string]string{}
	limit := time.After(10 * time.Second)
	merged := make(chan *sarama.ConsumerMessage)
	for partition := 0; partition < partitions; partition++ {
		reader := cases.Got(consumer.ConsumePartition(topic, int32(partition), from))
		defer reader.AsyncClose()
		go func() {
			for message := range reader.Messages() {
				merged <- message
			}
		}()
	}
	for len(found) < count {
		select {
		case m := <-merged:
			found[fmt.Sprintf("%d/%d", m.Partition, m.Offset)] = received(m)
		case <-limit:
			panic(fmt.Errorf("got %d of %d", len(found), count))
		}
	}
	return found
}

func comesBack(name string, change func(*sarama.Config)) {
	cases.Run("records come back exactly, "+name, func() {
		topic := topic("back-"+strings.ReplaceAll(name, " ", "-"), 3)
		with := config()
		change(with)
		written := produce(with, messages(topic, 90))
		equal(consume(config(), topic, 3, 90, sarama.OffsetOldest), written, "records")
	})
}

func producers() {
	for _, codec := range []sarama.CompressionCodec{
		sarama.CompressionNone, sarama.CompressionGZIP, sarama.CompressionSnappy, sarama.CompressionLZ4, sarama.CompressionZSTD,
	} {
		comesBack(codec.String(), func(c *sarama.Config) { c.Producer.Compression = codec })
	}
	comesBack("idempotent", func(c *sarama.Config) {
		c.Producer.Idempotent = true
		c.Producer.RequiredAcks = sarama.WaitForAll
		c.Net.MaxOpenRequests = 1
	})
	comesBack("acks all", func(c *sarama.Config) { c.Producer.RequiredAcks = sarama.WaitForAll })
	spoken := []sarama.KafkaVersion{sarama.V1_0_0_0}
	if !strings.HasPrefix(version, "1.6") {
		spoken = append(spoken, sarama.V0_8_2_0, sarama.V0_10_0_0) // Kafka 4 has dropped them.
	}
	for _, old := range spoken {
		old := old
		cases.Run("a client of "+old.String(), func() {
			topic := topic("old-"+old.String(), 3)
			with := config()
			with.Version = old
			made := messages(topic, 30)
			for _, m := range made {
				if !old.IsAtLeast(sarama.V0_11_0_0) {
					m.Headers = nil
				}
				if m.Value == nil {
					m.Value = sarama.StringEncoder("")
				}
			}
			written := produce(with, made)
			equal(consume(with, topic, 3, 30, sarama.OffsetOldest), written, "records")
		})
	}
	cases.Run("a record that is too large is refused", func() {
		topic := topic("large", 1)
		with := config()
		with.Producer.MaxMessageBytes = 8 << 20
		producer := cases.Got(sarama.NewSyncProducer(brokers, with))
		defer producer.Close()
		_, _, err := producer.SendMessage(&sarama.ProducerMessage{Topic: topic, Value: sarama.ByteEncoder(make([]byte, 4<<20))})
		equal(errors.Is(err, sarama.ErrMessageSizeTooLarge), true, fmt.Sprint(err))
	})
	transactions()
}

// What a member of a group does with its partitions.
type member struct {
	mutex   sync.Mutex
	claimed map[int32]bool
	values  map[string]string
}

func (m *member) Setup(session sarama.ConsumerGroupSession) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.claimed = map[int32]bool{}
	for _, partitions := range session.Claims() {
		for _, partition := range partitions {
			m.claimed[partition] = true
		}
	}
	return nil
}

func (m *member) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (m *member) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		m.mutex.Lock()
		m.values[fmt.Sprintf("%d/%d", message.Partition, message.Offset)] = received(message)
		m.mutex.Unlock()
		session.MarkMessage(message, "done")
	}
	return nil
}

func (m *member) counts() (claimed, values int) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return len(m.claimed), len(m.values)
}

func join(topic, group string) (*member, func()) {
	m := &member{values: map[string]string{}}
	client := cases.Got(sarama.NewConsumerGroup(brokers, group, config()))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			if client.Consume(ctx, []string{topic}, m) != nil {
				time.Sleep(20 * time.Millisecond)
			}
		}
	}()
	return m, func() { cancel(); <-done; must(client.Close()) }
}

func groups() {
	cases.Run("two members share the partitions and commit", func() {
		topic := topic("group", 3)
		written := produce(config(), messages(topic, 90))
		first, leave := join(topic, "sarama-group")
		cases.Until("all records", func() bool { _, values := first.counts(); return values == 90 })
		equal(first.values, written, "records")
		second, leaveToo := join(topic, "sarama-group")
		cases.Until("shared partitions", func() bool {
			one, _ := first.counts()
			two, _ := second.counts()
			return one+two == 3 && two > 0 && one > 0
		})
		leaveToo()
		leave()
		adm := admin()
		defer adm.Close()
		offsets := cases.Got(adm.ListConsumerGroupOffsets("sarama-group", map[string][]int32{topic: {0, 1, 2}}))
		for partition := int32(0); partition < 3; partition++ {
			equal(offsets.GetBlock(topic, partition).Offset, int64(30), "offset")
			equal(offsets.GetBlock(topic, partition).Metadata, "done", "metadata")
		}
		listed := cases.Got(adm.ListConsumerGroups())
		equal(listed["sarama-group"], "consumer", "protocol type")
		described := cases.Got(adm.DescribeConsumerGroups([]string{"sarama-group"}))
		equal(described[0].State, "Empty", "state")
		must(adm.DeleteConsumerGroup("sarama-group"))
	})
}

func main() {
	producers()
	groups()
	administration()
	cases.End()
}
