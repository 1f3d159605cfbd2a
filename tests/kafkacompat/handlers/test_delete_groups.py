"""DeleteGroups over the wire."""

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.delete_groups import DeleteGroupsRequest
from kafkacompat_protocol.messages.leave_group import LeaveGroupRequest
from kafkacompat_protocol.messages.list_groups import ListGroupsRequest
from tests.support.groups_on_the_wire import enter
from tests.support.node import RunningNode


@pytest.mark.parametrize("version", range(3))
def test_an_empty_group_goes_and_others_say_why_not(broker: RunningNode, version: int) -> None:
    enter(broker, f"busy{version}")
    member, _ = enter(broker, f"left{version}")
    broker.call(LeaveGroupRequest(group_id=f"left{version}", member_id=member), 0)
    names = [f"busy{version}", f"left{version}", "unheard-of"]
    told = broker.call(DeleteGroupsRequest(groups_names=names), version)
    assert {r.group_id: r.error_code for r in told.results} == {
        f"busy{version}": ErrorCode.NON_EMPTY_GROUP,
        f"left{version}": 0,
        "unheard-of": ErrorCode.GROUP_ID_NOT_FOUND,
    }
    left = {g.group_id for g in broker.call(ListGroupsRequest(), 0).groups}
    assert f"left{version}" not in left
    assert f"busy{version}" in left
