"""JoinGroup, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.join_group import (
    JoinGroupRequest,
    JoinGroupRequestProtocol,
    JoinGroupResponse,
    JoinGroupResponseMember,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    request = JoinGroupRequest(
        group_id="g",
        session_timeout_ms=10000,
        member_id="",
        protocol_type="consumer",
        protocols=[JoinGroupRequestProtocol(name="range", metadata=b"\x01\x02\x03")],
    )

    # Kafka 4.3.1
    assert_encoded(
        request,
        0,
        "0001670000271000000008636f6e73756d657200000001000572616e676500000003010203",
    )


def test_the_last_request() -> None:
    request = JoinGroupRequest(
        group_id="g",
        session_timeout_ms=10000,
        rebalance_timeout_ms=60000,
        member_id="m",
        group_instance_id="i",
        protocol_type="consumer",
        protocols=[JoinGroupRequestProtocol(name="range", metadata=b"\x01\x02\x03")],
        reason="why",
    )

    # Kafka 4.3.1
    assert_encoded(
        request,
        9,
        "0267000027100000ea60026d026909636f6e73756d6572020672616e676504010203000477687900",
    )


def test_the_first_response() -> None:
    response = JoinGroupResponse(
        error_code=0,
        generation_id=1,
        protocol_name="range",
        leader="m",
        member_id="m",
        members=[JoinGroupResponseMember(member_id="m", metadata=b"\x01\x02\x03")],
    )

    # Kafka 4.3.1
    assert_encoded(
        response,
        0,
        "000000000001000572616e676500016d00016d0000000100016d00000003010203",
    )


def test_the_last_response() -> None:
    response = JoinGroupResponse(
        error_code=0,
        generation_id=1,
        protocol_type="consumer",
        protocol_name=None,
        leader="m",
        skip_assignment=True,
        member_id="m",
        members=[
            JoinGroupResponseMember(member_id="m", group_instance_id="i", metadata=b"\x01\x02\x03")
        ],
    )

    # Kafka 4.3.1
    assert_encoded(
        response,
        9,
        "0000000000000000000109636f6e73756d657200026d01026d02026d0269040102030000",
    )
