"""AlterShareGroupOffsets over the wire."""

from typing import Any

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.alter_share_group_offsets import (
    AlterShareGroupOffsetsRequest,
    AlterShareGroupOffsetsRequestPartition,
    AlterShareGroupOffsetsRequestTopic,
)
from kafkacompat_protocol.messages.list_groups import ListGroupsRequest
from tests.support.groups_on_the_wire import enter, share_heartbeat
from tests.support.node import RunningNode
from tests.support.produced import batch, produce
from tests.support.sharing import ACCEPT, Member, configure_group


@pytest.fixture(scope="module")
def topic_id(broker: RunningNode) -> bytes:
    """A group without members, which has accepted all of a topic."""
    configure_group(broker, share_auto_offset_reset="earliest")
    topic_id = broker.create_topic("t", 2)
    produce(broker, batch(b"a", b"b", b"c"))
    member = Member(broker, topic_id)
    member.take()
    assert member.acknowledged((0, 2, [ACCEPT]), share_session_epoch=-1) == 0
    return topic_id


def alter(broker: RunningNode, group_id: str, topic: str, offsets: dict[int, int]) -> Any:
    partitions = [
        AlterShareGroupOffsetsRequestPartition(partition_index=index, start_offset=offset)
        for index, offset in offsets.items()
    ]
    wanted = AlterShareGroupOffsetsRequestTopic(topic_name=topic, partitions=partitions)
    return broker.call(AlterShareGroupOffsetsRequest(group_id=group_id, topics=[wanted]), 0)


def test_a_group_begins_anew_where_it_is_told_to(broker: RunningNode, topic_id: bytes) -> None:
    answer = alter(broker, "g", "t", {0: 1, 1: 0})

    assert (answer.error_code, answer.responses[0].topic_id) == (0, topic_id)
    assert [part.error_code for part in answer.responses[0].partitions] == [0, 0]
    member = Member(broker, topic_id)
    assert member.take(max_records=1, share_acquire_mode=1) == [(1, b"b", 1)]
    member.acknowledge(share_session_epoch=-1)


def test_a_group_with_members_is_left_alone(broker: RunningNode, topic_id: bytes) -> None:
    assert share_heartbeat(broker, "full", 0).error_code == 0

    assert alter(broker, "full", "t", {0: 1}).error_code == ErrorCode.NON_EMPTY_GROUP


def test_what_does_not_exist_is_told_of(broker: RunningNode, topic_id: bytes) -> None:
    unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION

    for topic, offsets in (("missing", {0: 1}), ("t", {9: 1})):
        (found,) = alter(broker, "g", topic, offsets).responses[0].partitions
        assert found.error_code == unknown
    assert alter(broker, "", "t", {0: 1}).error_code == ErrorCode.INVALID_GROUP_ID


def test_a_group_may_be_told_where_to_begin_before_it_exists(
    broker: RunningNode, topic_id: bytes
) -> None:
    (found,) = alter(broker, "fresh", "t", {0: 2}).responses[0].partitions

    assert found.error_code == 0
    assert Member(broker, topic_id, group_id="fresh").take() == [(2, b"c", 1)]


def test_a_group_that_was_told_where_to_begin_is_a_share_group_from_then_on(
    broker: RunningNode, topic_id: bytes
) -> None:
    alter(broker, "made", "t", {0: 2})

    told = broker.call(ListGroupsRequest(types_filter=["share"]), 5)
    assert ("made", "Empty") in {(group.group_id, group.group_state) for group in told.groups}


def test_a_group_of_another_kind_is_told_nothing(broker: RunningNode, topic_id: bytes) -> None:
    enter(broker, "classic")

    answer = alter(broker, "classic", "t", {0: 1})

    assert answer.error_code == ErrorCode.GROUP_ID_NOT_FOUND
    assert answer.error_message == "Group classic is not a share group."
