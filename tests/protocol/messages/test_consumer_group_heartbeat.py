"""ConsumerGroupHeartbeat's bytes, when a member is heard of."""

import pytest

from kafkacompat_protocol.messages.consumer_group_heartbeat import (
    ConsumerGroupHeartbeatRequest,
    ConsumerGroupHeartbeatRequestTopicPartitions,
    ConsumerGroupHeartbeatResponse,
    ConsumerGroupHeartbeatResponseAssignment,
    ConsumerGroupHeartbeatResponseTopicPartitions,
)
from tests.support.encoded import assert_encoded

CASES = [
    pytest.param(
        ConsumerGroupHeartbeatRequest(
            group_id="g",
            member_id="m",
            member_epoch=0,
            rebalance_timeout_ms=1000,
            subscribed_topic_names=["t"],
            topic_partitions=[],
        ),
        1,
        "0267026d000000000000000003e802027400000100",
        id="joining",
    ),
    pytest.param(
        ConsumerGroupHeartbeatRequest(
            group_id="g",
            member_id="m",
            member_epoch=3,
            instance_id="i",
            rack_id="r",
            subscribed_topic_regex="a.*",
            server_assignor="uniform",
            topic_partitions=[
                ConsumerGroupHeartbeatRequestTopicPartitions(topic_id=b"u" * 16, partitions=[2])
            ],
        ),
        1,
        "0267026d0000000302690272ffffffff0004612e2a08756e69666f726d027575"
        "757575757575757575757575757502000000020000",
        id="by a pattern",
    ),
    pytest.param(
        ConsumerGroupHeartbeatRequest(group_id="g", member_id="m", member_epoch=3),
        0,
        "0267026d000000030000ffffffff00000000",
        id="a plain beat",
    ),
    pytest.param(
        ConsumerGroupHeartbeatResponse(
            error_code=0,
            member_id="m",
            member_epoch=4,
            heartbeat_interval_ms=5000,
            assignment=ConsumerGroupHeartbeatResponseAssignment(
                topic_partitions=[
                    ConsumerGroupHeartbeatResponseTopicPartitions(
                        topic_id=b"u" * 16, partitions=[2]
                    )
                ]
            ),
        ),
        0,
        "00000000000000026d00000004000013880102757575757575757575757575757575750200000002000000",
        id="an answer with an assignment",
    ),
    pytest.param(
        ConsumerGroupHeartbeatResponse(error_code=110, error_message="no"),
        1,
        "00000000006e036e6f000000000000000000ff00",
        id="a refusal",
    ),
]


@pytest.mark.parametrize(("message", "version", "expected"), CASES)
def test_it_is_written_and_read_as_kafka_does(message: object, version: int, expected: str) -> None:
    assert_encoded(message, version, expected)
