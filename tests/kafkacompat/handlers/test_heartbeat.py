"""Heartbeats over the wire; what they do to a group is tested with the group's machine."""

from collections.abc import Iterator

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from kafkacompat_protocol.messages.heartbeat import HeartbeatRequest
from tests.support.node import RunningNode, running_node


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningNode]:
    with running_node() as running:
        yield running


@pytest.mark.parametrize("version", range(5))
def test_a_heartbeat_of_a_stranger_is_refused_in_every_version(
    broker: RunningNode, version: int
) -> None:
    broker.call(FindCoordinatorRequest(key="g"), 2)
    request = HeartbeatRequest(group_id="g", generation_id=1, member_id="nobody")
    assert broker.call(request, version).error_code == ErrorCode.UNKNOWN_MEMBER_ID


def test_a_heartbeat_without_a_group_is_refused(broker: RunningNode) -> None:
    request = HeartbeatRequest(group_id="", generation_id=1, member_id="nobody")
    assert broker.call(request, 4).error_code == ErrorCode.INVALID_GROUP_ID
