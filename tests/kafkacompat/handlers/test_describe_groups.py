"""DescribeGroups over the wire."""

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.describe_groups import DescribeGroupsRequest
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from tests.support.groups_on_the_wire import SUBSCRIPTION, enter
from tests.support.node import RunningNode


@pytest.mark.parametrize("version", range(7))
def test_a_stable_group_shows_its_members(broker: RunningNode, version: int) -> None:
    member_id, _ = enter(broker, f"g{version}")
    told = broker.call(DescribeGroupsRequest(groups=[f"g{version}"]), version).groups[0]
    assert (told.error_code, told.group_state) == (0, "Stable")
    assert (told.protocol_type, told.protocol_data) == ("consumer", "range")
    (member,) = told.members
    assert (member.member_id, member.client_id) == (member_id, "test")
    assert member.client_host == "/127.0.0.1"
    assert (member.member_metadata, member.member_assignment) == (SUBSCRIPTION, b"mine")


def test_what_may_be_done_is_told_on_request(broker: RunningNode) -> None:
    enter(broker, "g")
    request = DescribeGroupsRequest(groups=["g"], include_authorized_operations=True)
    assert broker.call(request, 5).groups[0].authorized_operations > 0
    request = DescribeGroupsRequest(groups=["g"])
    assert broker.call(request, 5).groups[0].authorized_operations == -2147483648


@pytest.mark.parametrize(("version", "code"), [(5, 0), (6, ErrorCode.GROUP_ID_NOT_FOUND)])
def test_a_group_that_is_not_there_is_dead(broker: RunningNode, version: int, code: int) -> None:
    broker.call(FindCoordinatorRequest(key="g"), 2)
    told = broker.call(DescribeGroupsRequest(groups=["unheard-of"]), version).groups[0]
    assert (told.error_code, told.group_state) == (code, "Dead")
