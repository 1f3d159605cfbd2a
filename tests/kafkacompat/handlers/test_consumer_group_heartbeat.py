"""ConsumerGroupHeartbeat over the wire, and what other requests say of such a group."""

from typing import Any

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.consumer_group_describe import ConsumerGroupDescribeRequest
from kafkacompat_protocol.messages.consumer_group_heartbeat import ConsumerGroupHeartbeatRequest
from kafkacompat_protocol.messages.delete_groups import DeleteGroupsRequest
from kafkacompat_protocol.messages.describe_groups import DescribeGroupsRequest
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
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
from tests.support.node import RunningNode


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
