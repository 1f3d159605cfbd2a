// The calls that Redpanda Console makes, in its order; docs/browsing.md says which.
package main

import (
	"compat/cases"
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

const (
	topic      = "orders"
	partitions = 3
	startMs    = 1_600_000_000_000
)

var (
	must    = cases.Must
	equal   = cases.Equal
	ctx     = context.Background()
	console *kgo.Client
)

func client(options ...kgo.Opt) *kgo.Client {
	options = append(options, kgo.SeedBrokers(cases.Bootstrap), kgo.ClientID("redpanda-console"), kgo.RetryTimeout(20*time.Second),
		kgo.MaxVersions(kversion.V3_9_0())) // Requests here name topics, not their ids.
	return cases.Got(kgo.NewClient(options...))
}

func ok(code int16) { must(kerr.ErrorForCode(code)) }

func create(name string) {
	request := kmsg.NewCreateTopicsRequest()
	wanted := kmsg.NewCreateTopicsRequestTopic()
	wanted.Topic, wanted.NumPartitions, wanted.ReplicationFactor = name, partitions, 1
	request.Topics = append(request.Topics, wanted)
	ok(cases.Got(request.RequestWith(ctx, console)).Topics[0].ErrorCode)
}

func prepare() {
	console = client()
	create(topic)
	producer := client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	defer producer.Close()
	for i := 0; i < 90; i++ {
		must(producer.ProduceSync(ctx, &kgo.Record{
			Topic: topic, Partition: int32(i % partitions), Key: []byte(fmt.Sprintf("key %d", i)),
			Value: []byte(fmt.Sprintf(`{"number": %d}`, i)), Timestamp: time.UnixMilli(startMs + int64(i)*1000),
		}).FirstErr())
	}
	commit("billing", map[int32]int64{0: 10, 1: 30, 2: 30})
}

func commit(group string, offsets map[int32]int64) {
	request := kmsg.NewOffsetCommitRequest()
	request.Group, request.Generation = group, -1
	about := kmsg.NewOffsetCommitRequestTopic()
	about.Topic = topic
	for partition, offset := range offsets {
		each := kmsg.NewOffsetCommitRequestTopicPartition()
		each.Partition, each.Offset = partition, offset
		about.Partitions = append(about.Partitions, each)
	}
	request.Topics = append(request.Topics, about)
	for _, each := range cases.Got(request.RequestWith(ctx, console)).Topics[0].Partitions {
		ok(each.ErrorCode)
	}
}

func overview() {
	cases.Run("the overview: versions, brokers, log directories, broker configuration", func() {
		versions := cases.Got(kmsg.NewPtrApiVersionsRequest().RequestWith(ctx, console))
		ok(versions.ErrorCode)
		metadata := cases.Got(kmsg.NewPtrMetadataRequest().RequestWith(ctx, console))
		equal(len(metadata.Brokers), 1, "brokers")
		equal(metadata.ControllerID, metadata.Brokers[0].NodeID, "controller")
		dirs := cases.Got(kmsg.NewPtrDescribeLogDirsRequest().RequestWith(ctx, console))
		ok(dirs.Dirs[0].ErrorCode)
		sizes := int64(0)
		for _, each := range dirs.Dirs[0].Topics {
			for _, partition := range each.Partitions {
				sizes += partition.Size
			}
		}
		equal(sizes > 3000, true, fmt.Sprintf("sizes %d", sizes))
		equal(len(configs(kmsg.ConfigResourceTypeBroker, "1", nil)) > 100, true, "broker configuration")
	})
	cases.Run("what may be shown: ACLs, quotas, reassignments", func() {
		acls := kmsg.NewDescribeACLsRequest()
		acls.ResourceType, acls.ResourcePatternType = kmsg.ACLResourceTypeAny, kmsg.ACLResourcePatternTypeAny
		acls.Operation, acls.PermissionType = kmsg.ACLOperationAny, kmsg.ACLPermissionTypeAny
		equal(cases.Got(acls.RequestWith(ctx, console)).ErrorCode, kerr.SecurityDisabled.Code, "ACLs")
		ok(cases.Got(kmsg.NewPtrDescribeClientQuotasRequest().RequestWith(ctx, console)).ErrorCode)
		ok(cases.Got(kmsg.NewPtrListPartitionReassignmentsRequest().RequestWith(ctx, console)).ErrorCode)
	})
}

func configs(kind kmsg.ConfigResourceType, name string, keys []string) []kmsg.DescribeConfigsResponseResourceConfig {
	request := kmsg.NewDescribeConfigsRequest()
	request.IncludeSynonyms, request.IncludeDocumentation = true, true
	resource := kmsg.NewDescribeConfigsRequestResource()
	resource.ResourceType, resource.ResourceName, resource.ConfigNames = kind, name, keys
	request.Resources = append(request.Resources, resource)
	found := cases.Got(request.RequestWith(ctx, console)).Resources[0]
	ok(found.ErrorCode)
	return found.Configs
}

func mark(name string, timestamp int64) map[int32]int64 {
	request := kmsg.NewListOffsetsRequest()
	about := kmsg.NewListOffsetsRequestTopic()
	about.Topic = name
	for partition := int32(0); partition < partitions; partition++ {
		each := kmsg.NewListOffsetsRequestTopicPartition()
		each.Partition, each.Timestamp, each.CurrentLeaderEpoch = partition, timestamp, -1
		about.Partitions = append(about.Partitions, each)
	}
	request.Topics = append(request.Topics, about)
	found := map[int32]int64{}
	for _, each := range cases.Got(request.RequestWith(ctx, console)).Topics[0].Partitions {
		ok(each.ErrorCode)
		found[each.Partition] = each.Offset
	}
	return found
}

func topics() {
	cases.Run("topics: list, configuration, watermarks, consumers", func() {
		metadata := cases.Got(kmsg.NewPtrMetadataRequest().RequestWith(ctx, console))
		for _, each := range metadata.Topics {
			ok(each.ErrorCode)
		}
		equal(*configs(kmsg.ConfigResourceTypeTopic, topic, []string{"cleanup.policy"})[0].Value, "delete", "policy")
		equal(mark(topic, -2), map[int32]int64{0: 0, 1: 0, 2: 0}, "low watermarks")
		equal(mark(topic, -1), map[int32]int64{0: 30, 1: 30, 2: 30}, "high watermarks")
	})
	cases.Run("messages: the newest, from a time, live with a filter", func() {
		from := map[int32]kgo.Offset{}
		for partition, end := range mark(topic, -1) {
			from[partition] = kgo.NewOffset().At(end - 5)
		}
		equal(len(read(from, 15, func(*kgo.Record) bool { return true })), 15, "newest")
		for partition, offset := range mark(topic, startMs+60_000) {
			from[partition] = kgo.NewOffset().At(offset)
		}
		equal(len(read(from, 30, func(*kgo.Record) bool { return true })), 30, "from a time")
		for partition := range from {
			from[partition] = kgo.NewOffset().AtStart()
		}
		equal(len(read(from, 9, func(r *kgo.Record) bool { return r.Value[len(r.Value)-2] == '7' })), 9, "that match")
	})
	cases.Run("a topic is made, filled, changed, emptied and deleted", func() {
		create("from-console")
		must(console.ProduceSync(ctx, &kgo.Record{Topic: "from-console", Value: []byte("one")}).FirstErr())
		change := kmsg.NewIncrementalAlterConfigsRequest()
		resource := kmsg.NewIncrementalAlterConfigsRequestResource()
		resource.ResourceType, resource.ResourceName = kmsg.ConfigResourceTypeTopic, "from-console"
		value := "1234567"
		resource.Configs = []kmsg.IncrementalAlterConfigsRequestResourceConfig{{Name: "retention.ms", Value: &value}}
		change.Resources = append(change.Resources, resource)
		ok(cases.Got(change.RequestWith(ctx, console)).Resources[0].ErrorCode)
		cases.Until("the change", func() bool {
			return *configs(kmsg.ConfigResourceTypeTopic, "from-console", []string{"retention.ms"})[0].Value == value
		})
		empty := kmsg.NewDeleteRecordsRequest()
		about := kmsg.NewDeleteRecordsRequestTopic()
		about.Topic = "from-console"
		about.Partitions = []kmsg.DeleteRecordsRequestTopicPartition{{Partition: 0, Offset: -1}}
		empty.Topics, empty.TimeoutMillis = append(empty.Topics, about), 5000
		ok(cases.Got(empty.RequestWith(ctx, console)).Topics[0].Partitions[0].ErrorCode)
		gone := kmsg.NewDeleteTopicsRequest()
		name := "from-console"
		gone.TopicNames, gone.Topics = []string{name}, []kmsg.DeleteTopicsRequestTopic{{Topic: &name}}
		ok(cases.Got(gone.RequestWith(ctx, console)).Topics[0].ErrorCode)
	})
}

func read(from map[int32]kgo.Offset, count int, wanted func(*kgo.Record) bool) []*kgo.Record {
	reader := client(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: from}))
	defer reader.Close()
	limit, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	var found []*kgo.Record
	for len(found) < count {
		fetches := reader.PollRecords(limit, 100)
		must(fetches.Err())
		fetches.EachRecord(func(r *kgo.Record) {
			if wanted(r) {
				found = append(found, r)
			}
		})
	}
	return found
}

func groups() {
	cases.Run("groups: list, members, offsets, an edit, deletion", func() {
		listed := cases.Got(kmsg.NewPtrListGroupsRequest().RequestWith(ctx, console))
		ok(listed.ErrorCode)
		equal(len(listed.Groups), 1, "groups")
		describe := kmsg.NewDescribeGroupsRequest()
		describe.Groups, describe.IncludeAuthorizedOperations = []string{"billing"}, true
		ok(cases.Got(describe.RequestWith(ctx, console)).Groups[0].ErrorCode)
		equal(offsets("billing"), map[int32]int64{0: 10, 1: 30, 2: 30}, "offsets")
		commit("billing", map[int32]int64{0: 12})
		equal(offsets("billing")[0], int64(12), "edited")
		forget := kmsg.NewOffsetDeleteRequest()
		forget.Group = "billing"
		forget.Topics = []kmsg.OffsetDeleteRequestTopic{{Topic: topic, Partitions: []kmsg.OffsetDeleteRequestTopicPartition{{Partition: 2}}}}
		ok(cases.Got(forget.RequestWith(ctx, console)).ErrorCode)
		gone := kmsg.NewDeleteGroupsRequest()
		gone.Groups = []string{"billing"}
		ok(cases.Got(gone.RequestWith(ctx, console)).Groups[0].ErrorCode)
	})
}

// All offsets of a group: no topics are named.
func offsets(group string) map[int32]int64 {
	request := kmsg.NewOffsetFetchRequest()
	request.Group = group
	answer := cases.Got(request.RequestWith(ctx, console))
	ok(answer.ErrorCode)
	found := map[int32]int64{}
	for _, each := range answer.Topics[0].Partitions {
		found[each.Partition] = each.Offset
	}
	return found
}

func main() {
	prepare()
	overview()
	topics()
	groups()
	cases.End()
}
