"""ListOffsets, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsPartitionResponse,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopic,
    ListOffsetsTopicResponse,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    request = ListOffsetsRequest(
        replica_id=-1,
        topics=[
            ListOffsetsTopic(
                name="t",
                partitions=[
                    ListOffsetsPartition(partition_index=0, timestamp=-1, max_num_offsets=2)
                ],
            )
        ],
    )

    # Kafka 3.9.1
    assert_encoded(request, 0, "ffffffff000000010001740000000100000000ffffffffffffffff00000002")


def test_the_last_request() -> None:
    request = ListOffsetsRequest(
        replica_id=-1,
        isolation_level=1,
        topics=[
            ListOffsetsTopic(
                name="t",
                partitions=[
                    ListOffsetsPartition(partition_index=0, current_leader_epoch=4, timestamp=-3)
                ],
            )
        ],
        timeout_ms=100,
    )

    # Kafka 4.3.1
    assert_encoded(request, 11, "ffffffff01020274020000000000000004fffffffffffffffd00000000006400")


def test_the_first_response() -> None:
    response = ListOffsetsResponse(
        topics=[
            ListOffsetsTopicResponse(
                name="t",
                partitions=[
                    ListOffsetsPartitionResponse(
                        partition_index=0, error_code=0, old_style_offsets=[42, 0]
                    )
                ],
            )
        ]
    )

    # Kafka 3.9.1
    assert_encoded(
        response,
        0,
        "000000010001740000000100000000000000000002000000000000002a0000000000000000",
    )


def test_the_last_response() -> None:
    response = ListOffsetsResponse(
        throttle_time_ms=0,
        topics=[
            ListOffsetsTopicResponse(
                name="t",
                partitions=[
                    ListOffsetsPartitionResponse(
                        partition_index=0, error_code=0, timestamp=1000, offset=42, leader_epoch=4
                    )
                ],
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(
        response,
        11,
        "000000000202740200000000000000000000000003e8000000000000002a00000004000000",
    )
