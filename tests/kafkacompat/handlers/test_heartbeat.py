"""Heartbeats over the wire; what they do to a group is tested with the group's machine."""

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.heartbeat import HeartbeatRequest
from tests.support.groups_on_the_wire import enter
from tests.support.node import RunningNode


@pytest.mark.parametrize("version", range(5))
def test_a_members_heartbeat_is_granted_in_every_version(broker: RunningNode, version: int) -> None:
    member, generation = enter(broker, f"g{version}")
    request = HeartbeatRequest(group_id=f"g{version}", generation_id=generation, member_id=member)
    assert broker.call(request, version).error_code == 0


def test_a_heartbeat_of_a_stranger_is_refused(broker: RunningNode) -> None:
    enter(broker, "g")
    for group_id in ("g", "unheard-of"):
        request = HeartbeatRequest(group_id=group_id, generation_id=1, member_id="nobody")
        assert broker.call(request, 4).error_code == ErrorCode.UNKNOWN_MEMBER_ID


def test_a_heartbeat_without_a_group_is_refused(broker: RunningNode) -> None:
    request = HeartbeatRequest(group_id="", generation_id=1, member_id="nobody")
    assert broker.call(request, 4).error_code == ErrorCode.INVALID_GROUP_ID
