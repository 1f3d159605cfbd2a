"""ConsumerGroupHeartbeat over the wire, and what other requests say of such a group."""

from pathlib import Path
from typing import Any

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.consumer_group_describe import ConsumerGroupDescribeRequest
from kafkacompat_protocol.messages.consumer_group_heartbeat import ConsumerGroupHeartbeatRequest
from kafkacompat_protocol.messages.delete_groups import DeleteGroupsRequest
from kafkacompat_protocol.messages.describe_groups import DescribeGroupsRequest
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from kafkacompat_protocol.messages.heartbeat import HeartbeatRequest
from kafkacompat_protocol.messages.leave_group import LeaveGroupRequest
from kafkacompat_protocol.messages.list_groups import ListGroupsRequest
from kafkacompat_protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kafkacompat_protocol.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteRequestPartition,
    OffsetDeleteRequestTopic,
)
from kafkacompat_protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopics,
)
from kafkacompat_protocol.messages.sync_group import SyncGroupRequest
from tests.support.groups_on_the_wire import enter, join_request
from tests.support.node import RunningNode, running_node


def beat(broker: RunningNode, group: str, epoch: int, version: int = 1, **fields: Any) -> Any:
    fields.setdefault("member_id", "m")
    request = ConsumerGroupHeartbeatRequest(group_id=group, member_epoch=epoch, **fields)
    return broker.call(request, version)


def joined(broker: RunningNode, group: str, version: int = 1, **fields: Any) -> Any:
    """Join the group, with topic `t` of two partitions."""
    broker.call(FindCoordinatorRequest(key=group), 2)
    if broker.run(lambda: "t" not in broker.node.image.topics):
        broker.create_topic("t", 2)
    wanted = {
        "rebalance_timeout_ms": 1_000,
        "subscribed_topic_names": ["t"],
        "topic_partitions": [],
    }
    return beat(broker, group, 0, version, **(wanted | fields))


@pytest.mark.parametrize("version", [0, 1])
def test_a_member_joins_stays_and_leaves(broker: RunningNode, version: int) -> None:
    group = f"stays-{version}"
    told = joined(broker, group, version)
    assert (told.error_code, told.member_epoch) == (0, 1)
    (topic,) = told.assignment.topic_partitions
    assert topic.topic_id == broker.run(lambda: broker.node.image.topics["t"].topic_id)
    assert topic.partitions == [0, 1]
    again = beat(broker, group, 1, version)
    assert (again.error_code, again.member_epoch, again.assignment) == (0, 1, None)
    assert beat(broker, group, -1, version).member_epoch == -1


def test_only_version_0_makes_member_ids(broker: RunningNode) -> None:
    assert joined(broker, "ids", 0, member_id="").member_id.startswith("test-")
    assert joined(broker, "ids", 1, member_id="").error_code == ErrorCode.INVALID_REQUEST


def test_without_a_name_or_a_coordinator_it_is_refused(broker: RunningNode) -> None:
    joined(broker, "any")
    assert beat(broker, " ", 0).error_code == ErrorCode.INVALID_REQUEST
    assert beat(broker, "nobody", 3).error_code == ErrorCode.GROUP_ID_NOT_FOUND
    listed = broker.call(ListGroupsRequest(), 5).groups
    assert "nobody" not in {group.group_id for group in listed}


@pytest.mark.parametrize("version", [0, 1])
def test_a_group_is_described_with_its_members(broker: RunningNode, version: int) -> None:
    joined(broker, "described")
    request = ConsumerGroupDescribeRequest(
        group_ids=["described", "nobody"], include_authorized_operations=True
    )
    found, missing = broker.call(request, version).groups
    assert missing.error_code == ErrorCode.GROUP_ID_NOT_FOUND
    assert (found.group_state, found.assignor_name) == ("Stable", "uniform")
    (member,) = found.members
    assert (member.member_id, member.client_id, member.client_host) == ("m", "test", "/127.0.0.1")
    assert member.assignment.topic_partitions[0].topic_name == "t"
    assert member.assignment == member.target_assignment
    assert member.member_type == (1 if version else -1)


def test_a_group_is_listed_as_what_it_is(broker: RunningNode) -> None:
    joined(broker, "listed")
    for filters in ({"types_filter": ["Consumer"]}, {"states_filter": ["stable"]}):
        listed = broker.call(ListGroupsRequest(**filters), 5).groups
        mine = next(group for group in listed if group.group_id == "listed")
        assert (mine.protocol_type, mine.group_state, mine.group_type) == (
            "consumer",
            "Stable",
            "consumer",
        )
    described = broker.call(DescribeGroupsRequest(groups=["listed"]), 6).groups[0]
    assert described.error_code == ErrorCode.GROUP_ID_NOT_FOUND
    assert described.error_message == "Group listed is not a classic group."


def commit(broker: RunningNode, group: str, epoch: int, version: int = 9) -> int:
    part = OffsetCommitRequestPartition(
        partition_index=0, committed_offset=1, committed_metadata=""
    )
    request = OffsetCommitRequest(
        group_id=group,
        generation_id_or_member_epoch=epoch,
        member_id="m",
        topics=[OffsetCommitRequestTopic(name="t", partitions=[part])],
    )
    return int(broker.call(request, version).topics[0].partitions[0].error_code)


def test_members_commit_and_ask_in_their_epoch(broker: RunningNode) -> None:
    joined(broker, "commits")
    assert commit(broker, "commits", 1) == 0
    assert commit(broker, "commits", 7) == ErrorCode.STALE_MEMBER_EPOCH
    assert commit(broker, "commits", 7, version=8) == ErrorCode.UNSUPPORTED_VERSION
    for epoch, code in ((1, 0), (7, ErrorCode.STALE_MEMBER_EPOCH)):
        wanted = OffsetFetchRequestTopics(name="t", partition_indexes=[0])
        asked = OffsetFetchRequestGroup(
            group_id="commits", member_id="m", member_epoch=epoch, topics=[wanted]
        )
        told = broker.call(OffsetFetchRequest(groups=[asked]), 9).groups[0]
        assert told.error_code == code


def test_what_is_in_use_is_not_deleted(broker: RunningNode) -> None:
    joined(broker, "deleted")
    commit(broker, "deleted", 1)
    part = OffsetDeleteRequestPartition(partition_index=0)
    topic = OffsetDeleteRequestTopic(name="t", partitions=[part])
    delete = OffsetDeleteRequest(group_id="deleted", topics=[topic])
    told = broker.call(delete, 0).topics[0].partitions[0]
    assert told.error_code == ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC
    gone = DeleteGroupsRequest(groups_names=["deleted"])
    assert broker.call(gone, 2).results[0].error_code == ErrorCode.NON_EMPTY_GROUP
    beat(broker, "deleted", -1)
    assert broker.call(gone, 2).results[0].error_code == 0
    shard = broker.run(lambda: broker.node.groups.shard("deleted"))
    assert not shard.has_group("deleted")


def classic_beat(broker: RunningNode, group: str, generation: int, member_id: str) -> int:
    request = HeartbeatRequest(group_id=group, generation_id=generation, member_id=member_id)
    return int(broker.call(request, 3).error_code)


def test_a_classic_group_changes_its_kind_with_its_members_and_back(broker: RunningNode) -> None:
    member_id, generation = enter(broker, "both")
    assert joined(broker, "both").error_code == 0
    shard = broker.run(lambda: broker.node.groups.shard("both"))
    assert shard.consumer("both") is not None
    assert classic_beat(broker, "both", generation, member_id) == ErrorCode.REBALANCE_IN_PROGRESS
    told = broker.call(join_request("both", member_id), 3)
    assert (told.error_code, told.leader, told.members) == (0, "", [])
    sync = SyncGroupRequest(
        group_id="both", generation_id=told.generation_id, member_id=member_id, assignments=[]
    )
    assert broker.call(sync, 3).error_code == 0
    assert classic_beat(broker, "both", told.generation_id, member_id) == 0
    assert beat(broker, "both", -1).error_code == 0
    broker.wait_until(lambda: shard.classic("both") is not None)
    assert classic_beat(broker, "both", told.generation_id, member_id) == (
        ErrorCode.REBALANCE_IN_PROGRESS
    )
    leave = LeaveGroupRequest(group_id="both", member_id=member_id)
    assert broker.call(leave, 2).error_code == 0


def test_an_empty_group_takes_members_of_the_other_protocol(broker: RunningNode) -> None:
    member_id, _ = enter(broker, "empty")
    broker.call(LeaveGroupRequest(group_id="empty", member_id=member_id), 2)
    assert joined(broker, "empty").error_code == 0
    assert beat(broker, "empty", -1).error_code == 0
    assert broker.call(join_request("empty"), 3).error_code == 0
    shard = broker.run(lambda: broker.node.groups.shard("empty"))
    assert shard.classic("empty") is not None


def test_consumers_in_a_classic_group_stay_out_where_the_policy_says_so() -> None:
    with running_node({"group.consumer.migration.policy": "disabled"}) as broker:
        member_id, generation = enter(broker, "stays")
        assert joined(broker, "stays").error_code == ErrorCode.GROUP_ID_NOT_FOUND
        assert classic_beat(broker, "stays", generation, member_id) == 0


def test_a_refused_member_changes_nothing(broker: RunningNode) -> None:
    member_id, generation = enter(broker, "refused")
    bad = joined(broker, "refused", subscribed_topic_names=None, subscribed_topic_regex="(")
    assert bad.error_code == ErrorCode.INVALID_REGULAR_EXPRESSION
    assert beat(broker, "refused", 5).error_code == ErrorCode.GROUP_ID_NOT_FOUND
    assert classic_beat(broker, "refused", generation, member_id) == 0


def test_a_group_that_changed_its_kind_is_the_same_after_a_restart(tmp_path: Path) -> None:
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "os"}
    with running_node(on_disk) as broker:
        member_id, _ = enter(broker, "lasting")
        assert joined(broker, "lasting").error_code == 0
    with running_node(on_disk) as broker:
        shard = broker.run(lambda: broker.node.groups.shard("lasting"))
        assert set(shard.consumer("lasting").members) == {member_id, "m"}
        assert beat(broker, "lasting", -1).error_code == 0
        broker.wait_until(lambda: shard.classic("lasting") is not None)
    with running_node(on_disk) as broker:
        shard = broker.run(lambda: broker.node.groups.shard("lasting"))
        assert set(shard.classic("lasting").members) == {member_id}
