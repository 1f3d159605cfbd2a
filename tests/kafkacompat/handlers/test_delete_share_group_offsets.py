"""DeleteShareGroupOffsets over the wire."""

from typing import Any

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.delete_share_group_offsets import (
    DeleteShareGroupOffsetsRequest,
    DeleteShareGroupOffsetsRequestTopic,
)
from tests.support.groups_on_the_wire import share_heartbeat
from tests.support.node import RunningNode
from tests.support.produced import batch, produce
from tests.support.sharing import Member, configure_group


@pytest.fixture
def member(broker: RunningNode) -> Member:
    """The only member of a group of its own, which was given a record."""
    configure_group(broker, "g", share_auto_offset_reset="earliest")
    if "t" not in broker.node.image.topics:
        broker.create_topic("t")
        broker.create_topic("other")
        produce(broker, batch(b"a"))
    made = Member(broker, broker.node.image.topics["t"].topic_id)
    assert len(made.take()) == 1
    return made


def delete(broker: RunningNode, group_id: str, *topics: str) -> Any:
    wanted = [DeleteShareGroupOffsetsRequestTopic(topic_name=name) for name in topics]
    return broker.call(DeleteShareGroupOffsetsRequest(group_id=group_id, topics=wanted), 0)


def test_a_group_forgets_a_topic(broker: RunningNode, member: Member) -> None:
    assert member.acknowledge((0, 0, [1]), share_session_epoch=-1).error_code == 0

    (found,) = delete(broker, "g", "t").responses

    assert (found.topic_name, found.topic_id, found.error_code) == ("t", member.topic_id, 0)
    assert delete(broker, "g", "t").error_code == ErrorCode.GROUP_ID_NOT_FOUND


def test_a_group_with_members_is_left_alone(broker: RunningNode, member: Member) -> None:
    assert share_heartbeat(broker, "full", 0).error_code == 0

    assert delete(broker, "full", "t").error_code == ErrorCode.NON_EMPTY_GROUP


def test_what_is_not_there_is_told_of(broker: RunningNode, member: Member) -> None:
    member.acknowledge(share_session_epoch=-1)

    missing, other = delete(broker, "g", "missing", "other").responses

    unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert (missing.error_code, other.error_code) == (unknown, unknown)
    assert other.error_message == "There is no offset information to delete."
    assert delete(broker, "nobody", "t").error_code == ErrorCode.GROUP_ID_NOT_FOUND
