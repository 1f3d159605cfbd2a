"""SyncGroup, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.sync_group import (
    SyncGroupRequest,
    SyncGroupRequestAssignment,
    SyncGroupResponse,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    request = SyncGroupRequest(
        group_id="g",
        generation_id=3,
        member_id="m",
        assignments=[SyncGroupRequestAssignment(member_id="m", assignment=b"\x01\x02\x03")],
    )

    # Kafka 4.3.1
    assert_encoded(request, 0, "0001670000000300016d0000000100016d00000003010203")


def test_the_last_request() -> None:
    request = SyncGroupRequest(
        group_id="g",
        generation_id=3,
        member_id="m",
        group_instance_id="i",
        protocol_type="consumer",
        protocol_name="range",
        assignments=[],
    )

    # Kafka 4.3.1
    assert_encoded(request, 5, "026700000003026d026909636f6e73756d65720672616e67650100")


def test_the_first_response() -> None:
    response = SyncGroupResponse(error_code=0, assignment=b"\x01\x02\x03")

    # Kafka 4.3.1
    assert_encoded(response, 0, "000000000003010203")


def test_the_last_response() -> None:
    response = SyncGroupResponse(
        error_code=0, protocol_type="consumer", protocol_name="range", assignment=b"\x01\x02\x03"
    )

    # Kafka 4.3.1
    assert_encoded(response, 5, "00000000000009636f6e73756d65720672616e67650401020300")
