"""Heartbeat, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    request = HeartbeatRequest(group_id="g", generation_id=3, member_id="m")

    # Kafka 4.3.1
    assert_encoded(request, 0, "0001670000000300016d")


def test_the_last_request() -> None:
    request = HeartbeatRequest(group_id="g", generation_id=3, member_id="m", group_instance_id="i")

    # Kafka 4.3.1
    assert_encoded(request, 4, "026700000003026d026900")


def test_the_first_response() -> None:
    response = HeartbeatResponse(error_code=27)

    # Kafka 4.3.1
    assert_encoded(response, 0, "001b")


def test_the_last_response() -> None:
    response = HeartbeatResponse(throttle_time_ms=5, error_code=0)

    # Kafka 4.3.1
    assert_encoded(response, 4, "00000005000000")
