package main

import (
	"compat/cases"
	"errors"
	"sort"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

func isError(err, expected error) {
	if !errors.Is(err, expected) {
		panic(errors.Join(errors.New("expected "+expected.Error()+" instead of"), err))
	}
}

func administration() {
	adm := admin()
	defer adm.Close()
	topicCases(adm)
	configCases(adm)
	clusterCases(adm)
	groupCases(adm)
}

func topicCases(adm *kadm.Client) {
	cases.Run("topics are created, described, grown and deleted", func() {
		retention := "60000"
		_, err := adm.CreateTopic(ctx, 2, 1, map[string]*string{"retention.ms": &retention}, "admin")
		must(err)
		_, err = adm.CreateTopic(ctx, 2, 1, nil, "admin")
		isError(err, kerr.TopicAlreadyExists)
		_, err = adm.CreateTopic(ctx, 2, 1, nil, "no/such name")
		isError(err, kerr.InvalidTopicException)
		equal(len(cases.Got(adm.ListTopics(ctx, "admin"))["admin"].Partitions), 2, "partitions")
		must(cases.Got(adm.UpdatePartitions(ctx, 4, "admin")).Error())
		isError(cases.Got(adm.UpdatePartitions(ctx, 3, "admin"))["admin"].Err, kerr.InvalidPartitions)
		cases.Until("four partitions", func() bool {
			return len(cases.Got(adm.ListTopics(ctx, "admin"))["admin"].Partitions) == 4
		})
		isError(cases.Got(adm.ValidateCreateTopics(ctx, 1, 1, nil, "admin"))["admin"].Err, kerr.TopicAlreadyExists)
		must(cases.Got(adm.ValidateCreateTopics(ctx, 1, 1, nil, "not-made"))["not-made"].Err)
		must(cases.Got(adm.DeleteTopics(ctx, "admin")).Error())
		isError(cases.Got(adm.DeleteTopics(ctx, "admin"))["admin"].Err, kerr.UnknownTopicOrPartition)
	})
	cases.Run("records are deleted up to an offset", func() {
		name := topic("deleted", 1)
		cl := client()
		defer cl.Close()
		made := records(name, 30)
		for _, r := range made {
			r.Partition = 0
		}
		produce(cl, made)
		var offsets kadm.Offsets
		offsets.AddOffset(name, 0, 10, -1)
		done := cases.Got(adm.DeleteRecords(ctx, offsets))
		must(done.Error())
		equal(done[name][0].LowWatermark, int64(10), "low watermark")
		starts := cases.Got(adm.ListStartOffsets(ctx, name))
		equal(starts[name][0].Offset, int64(10), "start")
		offsets = nil
		offsets.AddOffset(name, 0, 31, -1)
		isError(cases.Got(adm.DeleteRecords(ctx, offsets))[name][0].Err, kerr.OffsetOutOfRange)
	})
	cases.Run("offsets are listed by time", func() {
		name := topic("times", 3)
		cl := client()
		defer cl.Close()
		produce(cl, records(name, 90))
		after := cases.Got(adm.ListOffsetsAfterMilli(ctx, start.Add(45*time.Second).UnixMilli(), name))
		equal([]int64{after[name][0].Offset, after[name][1].Offset, after[name][2].Offset}, []int64{15, 15, 15}, "offsets")
		newest := cases.Got(adm.ListMaxTimestampOffsets(ctx, name))
		equal(newest[name][2].Offset, int64(29), "of the newest timestamp")
	})
}

func configCases(adm *kadm.Client) {
	cases.Run("configurations are described and changed", func() {
		name := topic("configured", 1)
		value := "gzip"
		changed := cases.Got(adm.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "compression.type", Value: &value}}, name))
		must(changed[0].Err)
		read := func() (string, kadm.Config) {
			described := cases.Got(adm.DescribeTopicConfigs(ctx, name))
			for _, config := range described[0].Configs {
				if config.Key == "compression.type" {
					return *config.Value, config
				}
			}
			return "", kadm.Config{}
		}
		cases.Until("the new value", func() bool { found, _ := read(); return found == "gzip" })
		wrong := "pigeon"
		refused := cases.Got(adm.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "compression.type", Value: &wrong}}, name))
		isError(refused[0].Err, kerr.InvalidConfig)
		state := cases.Got(adm.AlterTopicConfigsState(ctx, []kadm.AlterConfig{{Name: "retention.ms", Value: ptr("1000")}}, name))
		must(state[0].Err)
		cases.Until("the default again", func() bool { found, _ := read(); return found == "producer" })
		brokers := cases.Got(adm.DescribeBrokerConfigs(ctx, 1))
		equal(len(brokers[0].Configs) > 100, true, "many broker configurations")
	})
}

func ptr(text string) *string { return &text }

func clusterCases(adm *kadm.Client) {
	cases.Run("the cluster is described", func() {
		meta := cases.Got(adm.BrokerMetadata(ctx))
		equal(meta.Controller, int32(1), "controller")
		equal(len(meta.Cluster) > 0, true, "cluster id")
		versions := cases.Got(adm.ApiVersions(ctx))
		must(versions[1].Err)
		dirs := cases.Got(adm.DescribeAllLogDirs(ctx, nil))
		for _, dir := range dirs[1] {
			must(dir.Err)
		}
		equal(len(dirs[1]), 1, "log dirs")
		equal(versions[1].NodeID, int32(1), "node")
	})
	cases.Run("without an authorizer there are no ACLs", func() {
		found := cases.Got(adm.DescribeACLs(ctx, kadm.NewACLs().AnyResource().Allow().Deny().Operations().ResourcePatternType(kadm.ACLPatternAny).AllowHosts().DenyHosts()))
		isError(found[0].Err, kerr.SecurityDisabled)
	})
	cases.Run("quotas and SCRAM users are kept", func() {
		user := []kadm.AlterClientQuotaEntry{{
			Entity: kadm.ClientQuotaEntity{{Type: "user", Name: ptr("alice")}},
			Ops:    []kadm.AlterClientQuotaOp{{Key: "producer_byte_rate", Value: 1000}},
		}}
		for _, each := range cases.Got(adm.AlterClientQuotas(ctx, user)) {
			must(each.Err)
		}
		cases.Until("a quota", func() bool {
			found := cases.Got(adm.DescribeClientQuotas(ctx, true, []kadm.DescribeClientQuotaComponent{{Type: "user", MatchType: 0, MatchName: ptr("alice")}}))
			return len(found) == 1 && found[0].Values[0].Value == 1000
		})
		made := cases.Got(adm.AlterUserSCRAMs(ctx, nil, []kadm.UpsertSCRAM{{User: "alice", Mechanism: kadm.ScramSha256, Iterations: 4096, Password: "secret"}}))
		must(made.Error())
		cases.Until("a user", func() bool {
			return len(cases.Got(adm.DescribeUserSCRAMs(ctx))["alice"].CredInfos) == 1
		})
	})
	cases.Run("partitions are where they can be", func() {
		name := topic("placed", 1)
		var assignment kadm.AlterPartitionAssignmentsReq
		assignment.Assign(name, 0, []int32{1})
		must(cases.Got(adm.AlterPartitionAssignments(ctx, assignment)).Error())
		assignment = kadm.AlterPartitionAssignmentsReq{}
		assignment.Assign(name, 0, []int32{77})
		isError(cases.Got(adm.AlterPartitionAssignments(ctx, assignment))[name][0].Err, kerr.InvalidReplicaAssignment)
		equal(len(cases.Got(adm.ListPartitionReassignments(ctx, nil))), 0, "reassignments")
		var set kadm.TopicsSet
		set.Add(name, 0)
		elected := cases.Got(adm.ElectLeaders(ctx, kadm.ElectPreferredReplica, set))
		isError(elected[name][0].Err, kerr.ElectionNotNeeded)
	})
}

func groupCases(adm *kadm.Client) {
	cases.Run("groups are listed, described, reset and deleted", func() {
		name := topic("grouped", 3)
		cl := client()
		defer cl.Close()
		produce(cl, records(name, 90))
		var offsets kadm.Offsets
		offsets.AddOffset(name, 1, 7, -1)
		must(cases.Got(adm.CommitOffsets(ctx, "by-hand", offsets)).Error())
		fetched := cases.Got(adm.FetchOffsets(ctx, "by-hand"))
		equal(fetched[name][1].At, int64(7), "offset")
		groups := cases.Got(adm.ListGroups(ctx)).Groups()
		sort.Strings(groups)
		equal(sort.SearchStrings(groups, "by-hand") < len(groups), true, "listed")
		described := cases.Got(adm.DescribeGroups(ctx, "by-hand"))["by-hand"]
		equal(described.State, "Empty", "state")
		var set kadm.TopicsSet
		set.Add(name, 1)
		must(cases.Got(adm.DeleteOffsets(ctx, "by-hand", set)).Error())
		_, err := adm.DeleteGroup(ctx, "by-hand")
		if !errors.Is(err, kerr.GroupIDNotFound) {
			must(err) // Without offsets it may be gone by itself.
		}
		_, err = adm.DeleteGroup(ctx, "nobody")
		isError(err, kerr.GroupIDNotFound)
	})
}
