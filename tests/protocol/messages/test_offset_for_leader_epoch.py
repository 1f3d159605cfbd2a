"""OffsetForLeaderEpoch, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.offset_for_leader_epoch import (
    EpochEndOffset,
    OffsetForLeaderEpochRequest,
    OffsetForLeaderEpochResponse,
    OffsetForLeaderPartition,
    OffsetForLeaderTopic,
    OffsetForLeaderTopicResult,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    request = OffsetForLeaderEpochRequest(
        topics=[
            OffsetForLeaderTopic(
                topic="t", partitions=[OffsetForLeaderPartition(partition=0, leader_epoch=3)]
            )
        ]
    )

    # Kafka 3.9.1
    assert_encoded(request, 0, "00000001000174000000010000000000000003")


def test_the_last_request() -> None:
    request = OffsetForLeaderEpochRequest(
        replica_id=-1,
        topics=[
            OffsetForLeaderTopic(
                topic="t",
                partitions=[
                    OffsetForLeaderPartition(partition=0, current_leader_epoch=4, leader_epoch=3)
                ],
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(request, 4, "ffffffff02027402000000000000000400000003000000")


def test_the_first_response() -> None:
    response = OffsetForLeaderEpochResponse(
        topics=[
            OffsetForLeaderTopicResult(
                topic="t", partitions=[EpochEndOffset(error_code=0, partition=0, end_offset=42)]
            )
        ]
    )

    # Kafka 3.9.1
    assert_encoded(response, 0, "0000000100017400000001000000000000000000000000002a")


def test_the_last_response() -> None:
    response = OffsetForLeaderEpochResponse(
        throttle_time_ms=0,
        topics=[
            OffsetForLeaderTopicResult(
                topic="t",
                partitions=[
                    EpochEndOffset(error_code=0, partition=0, leader_epoch=3, end_offset=42)
                ],
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(response, 4, "000000000202740200000000000000000003000000000000002a000000")
