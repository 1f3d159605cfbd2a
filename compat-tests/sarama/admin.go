package main

import (
	"compat/cases"
	"errors"
	"fmt"

	"github.com/IBM/sarama"
)

func isError(err error, expected sarama.KError) {
	var topicError *sarama.TopicError
	var partitionError *sarama.TopicPartitionError
	switch {
	case errors.As(err, &topicError):
		err = topicError.Err
	case errors.As(err, &partitionError):
		err = partitionError.Err
	}
	if !errors.Is(err, expected) {
		panic(fmt.Errorf("expected %v, got %v", expected, err))
	}
}

func ptr(text string) *string { return &text }

func administration() {
	adm := admin()
	defer adm.Close()
	client := cases.Got(sarama.NewClient(brokers, config()))
	defer client.Close()
	topics(adm)
	places(adm, client)
	cases.Run("the cluster is described", func() {
		found, controller, err := adm.DescribeCluster()
		must(err)
		equal(len(found), 1, "brokers")
		equal(controller, int32(1), "controller")
	})
	cases.Run("configurations are described and changed", func() {
		name := topic("configured", 1)
		must(adm.AlterConfig(sarama.TopicResource, name, map[string]*string{"retention.ms": ptr("1234")}, false))
		cases.Until("the new value", func() bool {
			entries := cases.Got(adm.DescribeConfig(sarama.ConfigResource{Type: sarama.TopicResource, Name: name, ConfigNames: []string{"retention.ms"}}))
			return len(entries) == 1 && entries[0].Value == "1234"
		})
		entries := cases.Got(adm.DescribeConfig(sarama.ConfigResource{Type: sarama.BrokerResource, Name: "1"}))
		equal(len(entries) > 100, true, "many broker configurations")
	})
}

func topics(adm sarama.ClusterAdmin) {
	cases.Run("topics are created, described, grown and deleted", func() {
		detail := &sarama.TopicDetail{NumPartitions: 2, ReplicationFactor: 1, ConfigEntries: map[string]*string{"retention.ms": ptr("60000")}}
		must(adm.CreateTopic("admin", detail, false))
		isError(adm.CreateTopic("admin", detail, false), sarama.ErrTopicAlreadyExists)
		isError(adm.CreateTopic("no/such name", detail, false), sarama.ErrInvalidTopic)
		listed := cases.Got(adm.ListTopics())
		equal(listed["admin"].NumPartitions, int32(2), "partitions")
		equal(*listed["admin"].ConfigEntries["retention.ms"], "60000", "retention")
		must(adm.CreatePartitions("admin", 4, nil, false))
		cases.Until("four partitions", func() bool {
			return len(cases.Got(adm.DescribeTopics([]string{"admin"}))[0].Partitions) == 4
		})
		isError(adm.CreatePartitions("admin", 3, nil, false), sarama.ErrInvalidPartitions)
		must(adm.DeleteTopic("admin"))
		isError(adm.DeleteTopic("admin"), sarama.ErrUnknownTopicOrPartition)
	})
}

func places(adm sarama.ClusterAdmin, client sarama.Client) {
	cases.Run("offsets by time and deleted records", func() {
		name := topic("places", 3)
		produce(config(), messages(name, 90))
		equal(cases.Got(client.GetOffset(name, 1, sarama.OffsetNewest)), int64(30), "newest")
		equal(cases.Got(client.GetOffset(name, 1, start.UnixMilli()+45_000)), int64(15), "by time")
		must(adm.DeleteRecords(name, map[int32]int64{1: 10}))
		equal(cases.Got(client.GetOffset(name, 1, sarama.OffsetOldest)), int64(10), "oldest")
		if adm.DeleteRecords(name, map[int32]int64{1: 31}) == nil {
			panic("records that are not there were deleted")
		}
	})
	if !more(adm) {
		return
	}
	cases.Run("log dirs are described", func() {
		dirs := cases.Got(adm.DescribeLogDirs([]int32{1}))
		equal(len(dirs[1]), 1, "log dirs")
		equal(dirs[1][0].ErrorCode, sarama.ErrNoError, "error")
	})
}
