"""OffsetCommit, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
    OffsetCommitResponse,
    OffsetCommitResponsePartition,
    OffsetCommitResponseTopic,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    request = OffsetCommitRequest(
        group_id="g",
        topics=[
            OffsetCommitRequestTopic(
                name="t",
                partitions=[
                    OffsetCommitRequestPartition(
                        partition_index=0, committed_offset=42, committed_metadata="m"
                    )
                ],
            )
        ],
    )

    # Kafka 3.9.1
    assert_encoded(request, 0, "000167000000010001740000000100000000000000000000002a00016d")


def test_a_request_with_a_timestamp() -> None:
    request = OffsetCommitRequest(
        group_id="g",
        generation_id_or_member_epoch=3,
        member_id="m",
        topics=[
            OffsetCommitRequestTopic(
                name="t",
                partitions=[
                    OffsetCommitRequestPartition(
                        partition_index=0,
                        committed_offset=42,
                        commit_timestamp=1000,
                        committed_metadata=None,
                    )
                ],
            )
        ],
    )

    # Kafka 3.9.1
    assert_encoded(
        request,
        1,
        "0001670000000300016d000000010001740000000100000000000000000000002a00000000000003e8ffff",
    )


def test_the_last_request() -> None:
    request = OffsetCommitRequest(
        group_id="g",
        generation_id_or_member_epoch=3,
        member_id="m",
        group_instance_id="i",
        topics=[
            OffsetCommitRequestTopic(
                topic_id=bytes(range(16)),
                partitions=[
                    OffsetCommitRequestPartition(
                        partition_index=0,
                        committed_offset=42,
                        committed_leader_epoch=5,
                        committed_metadata="",
                    )
                ],
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(
        request,
        10,
        "026700000003026d026902000102030405060708090a0b0c0d0e0f0200000000"
        "000000000000002a0000000501000000",
    )


def test_the_first_response() -> None:
    response = OffsetCommitResponse(
        topics=[
            OffsetCommitResponseTopic(
                name="t",
                partitions=[OffsetCommitResponsePartition(partition_index=0, error_code=22)],
            )
        ]
    )

    # Kafka 3.9.1
    assert_encoded(response, 0, "0000000100017400000001000000000016")


def test_the_last_response() -> None:
    response = OffsetCommitResponse(
        throttle_time_ms=1,
        topics=[
            OffsetCommitResponseTopic(
                topic_id=bytes(range(16)),
                partitions=[OffsetCommitResponsePartition(partition_index=0, error_code=0)],
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(response, 10, "0000000102000102030405060708090a0b0c0d0e0f02000000000000000000")
