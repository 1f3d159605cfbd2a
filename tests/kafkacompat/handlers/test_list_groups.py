"""ListGroups over the wire."""

import pytest

from kafkacompat_protocol.messages.leave_group import LeaveGroupRequest
from kafkacompat_protocol.messages.list_groups import ListGroupsRequest
from tests.support.groups_on_the_wire import enter
from tests.support.node import RunningNode


@pytest.fixture(scope="module", autouse=True)
def groups(broker: RunningNode) -> None:
    """A group with a member, and one without."""
    assert broker.call(ListGroupsRequest(), 0).groups == []
    enter(broker, "busy")
    member, _ = enter(broker, "left")
    broker.call(LeaveGroupRequest(group_id="left", member_id=member), 0)


@pytest.mark.parametrize("version", range(6))
def test_all_groups_are_listed(broker: RunningNode, version: int) -> None:
    told = broker.call(ListGroupsRequest(), version)
    assert sorted(g.group_id for g in told.groups) == ["busy", "left"]
    assert {g.protocol_type for g in told.groups} == {"consumer"}
    if version >= 5:
        assert {g.group_type for g in told.groups} == {"classic"}


@pytest.mark.parametrize(
    ("states", "types", "found"),
    [
        (["stable"], [], ["busy"]),
        (["Empty", "Dead"], [], ["left"]),
        ([], ["Classic"], ["busy", "left"]),
        ([], ["share"], []),
    ],
)
def test_filters_take_any_case(
    broker: RunningNode, states: list[str], types: list[str], found: list[str]
) -> None:
    told = broker.call(ListGroupsRequest(states_filter=states, types_filter=types), 5)
    assert sorted(g.group_id for g in told.groups) == found
