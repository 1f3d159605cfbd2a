"""SyncGroup over the wire."""

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.sync_group import SyncGroupRequest
from tests.support.groups_on_the_wire import enter
from tests.support.node import RunningNode


@pytest.mark.parametrize("version", range(6))
def test_a_member_gets_its_assignment_in_every_version(broker: RunningNode, version: int) -> None:
    group = f"g{version}"
    member, generation = enter(broker, group, assignment=b"all of it")
    request = SyncGroupRequest(
        group_id=group, generation_id=generation, member_id=member, assignments=[]
    )
    if version >= 5:
        assert broker.call(request, 5).error_code == ErrorCode.INCONSISTENT_GROUP_PROTOCOL
        request.protocol_type, request.protocol_name = "consumer", "range"
    told = broker.call(request, version)
    assert (told.error_code, told.assignment) == (0, b"all of it")
    if version >= 5:
        assert (told.protocol_type, told.protocol_name) == ("consumer", "range")


def test_a_group_that_is_not_there_knows_no_member(broker: RunningNode) -> None:
    request = SyncGroupRequest(
        group_id="unheard-of", generation_id=1, member_id="m", assignments=[]
    )
    assert broker.call(request, 4).error_code == ErrorCode.UNKNOWN_MEMBER_ID
