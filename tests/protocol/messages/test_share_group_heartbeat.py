"""ShareGroupHeartbeat, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.share_group_heartbeat import (
    ShareGroupHeartbeatAssignment,
    ShareGroupHeartbeatRequest,
    ShareGroupHeartbeatResponse,
    ShareGroupHeartbeatTopicPartitions,
)
from tests.support.encoded import assert_encoded

TOPIC_ID = bytes(range(16))


def test_a_request_that_joins() -> None:
    value = ShareGroupHeartbeatRequest(
        group_id="g", member_id="m", member_epoch=0, rack_id="r", subscribed_topic_names=["t"]
    )

    # Kafka 4.3.1
    assert_encoded(value, 1, "0267026d00000000027202027400")


def test_a_request_that_says_nothing_new() -> None:
    value = ShareGroupHeartbeatRequest(group_id="g", member_id="m", member_epoch=7)

    # Kafka 4.3.1
    assert_encoded(value, 1, "0267026d00000007000000")


def test_a_response_with_an_assignment() -> None:
    value = ShareGroupHeartbeatResponse(
        error_code=0,
        member_id="m",
        member_epoch=7,
        heartbeat_interval_ms=5000,
        assignment=ShareGroupHeartbeatAssignment(
            topic_partitions=[
                ShareGroupHeartbeatTopicPartitions(topic_id=TOPIC_ID, partitions=[0, 2])
            ]
        ),
    )

    # Kafka 4.3.1
    assert_encoded(
        value,
        1,
        (
            "00000000000000026d00000007000013880102000102030405060708090a0b0c0d0e0f0300000000"
            "00000002000000"
        ),
    )


def test_a_response_with_an_error() -> None:
    value = ShareGroupHeartbeatResponse(error_code=25, error_message="no")

    # Kafka 4.3.1
    assert_encoded(value, 1, "000000000019036e6f000000000000000000ff00")
