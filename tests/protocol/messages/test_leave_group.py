"""LeaveGroup, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.leave_group import (
    LeaveGroupRequest,
    LeaveGroupResponse,
    MemberIdentity,
    MemberResponse,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    request = LeaveGroupRequest(group_id="g", member_id="m")

    # Kafka 4.3.1
    assert_encoded(request, 0, "00016700016d")


def test_the_last_request() -> None:
    request = LeaveGroupRequest(
        group_id="g", members=[MemberIdentity(member_id="m", group_instance_id=None, reason="bye")]
    )

    # Kafka 4.3.1
    assert_encoded(request, 5, "026702026d00046279650000")


def test_the_first_response() -> None:
    response = LeaveGroupResponse(error_code=25)

    # Kafka 4.3.1
    assert_encoded(response, 0, "0019")


def test_the_last_response() -> None:
    response = LeaveGroupResponse(
        error_code=0, members=[MemberResponse(member_id="m", group_instance_id="i", error_code=0)]
    )

    # Kafka 4.3.1
    assert_encoded(response, 5, "00000000000002026d026900000000")
