"""LeaveGroup over the wire."""

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.leave_group import LeaveGroupRequest, MemberIdentity
from tests.support.groups_on_the_wire import enter
from tests.support.node import RunningNode


@pytest.mark.parametrize("version", range(6))
def test_a_member_leaves_in_every_version(broker: RunningNode, version: int) -> None:
    group = f"g{version}"
    member, _ = enter(broker, group)
    request = LeaveGroupRequest(
        group_id=group, member_id=member, members=[MemberIdentity(member_id=member)]
    )
    for code in (ErrorCode.NONE, ErrorCode.UNKNOWN_MEMBER_ID):
        told = broker.call(request, version)
        if version < 3:
            assert told.error_code == code
        else:
            assert (told.error_code, told.members[0].error_code) == (0, code)


@pytest.mark.parametrize("version", [2, 5])
def test_leaving_a_group_that_is_not_there_is_refused(broker: RunningNode, version: int) -> None:
    request = LeaveGroupRequest(
        group_id="unheard-of", member_id="m", members=[MemberIdentity(member_id="m")]
    )
    told = broker.call(request, version)
    codes = [told.error_code] if version < 3 else [m.error_code for m in told.members]
    assert codes == [ErrorCode.UNKNOWN_MEMBER_ID]
