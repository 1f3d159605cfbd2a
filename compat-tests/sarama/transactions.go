//go:build !v1.26.4

package main

import (
	"compat/cases"

	"github.com/IBM/sarama"
)

// sarama makes transactions since 1.37.
func transactions() {
	cases.Run("transactions are all or nothing", func() {
		topic := topic("transactions", 3)
		with := config()
		with.Producer.Idempotent = true
		with.Producer.RequiredAcks = sarama.WaitForAll
		with.Net.MaxOpenRequests = 1
		with.Producer.Transaction.ID = "sarama"
		producer := cases.Got(sarama.NewSyncProducer(brokers, with))
		defer producer.Close()
		must(producer.BeginTxn())
		must(producer.SendMessages(messages(topic, 30)))
		must(producer.AbortTxn())
		must(producer.BeginTxn())
		made := messages(topic, 30)
		must(producer.SendMessages(made))
		must(producer.CommitTxn())
		reading := config()
		reading.Consumer.IsolationLevel = sarama.ReadCommitted
		equal(consume(reading, topic, 3, 30, sarama.OffsetOldest), sent(made), "committed records")
	})
}

func more(adm sarama.ClusterAdmin) bool {
	cases.Run("partitions are where they can be", func() {
		name := topic("placed", 1)
		must(adm.AlterPartitionReassignments(name, [][]int32{{1}}))
		equal(len(cases.Got(adm.ListPartitionReassignments(name, []int32{0}))), 0, "reassignments")
	})
	return true
}
