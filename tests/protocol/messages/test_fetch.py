"""Fetch, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.fetch import (
    AbortedTransaction,
    EpochEndOffset,
    FetchableTopicResponse,
    FetchPartition,
    FetchRequest,
    FetchResponse,
    FetchTopic,
    ForgottenTopic,
    LeaderIdAndEpoch,
    NodeEndpoint,
    PartitionData,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    request = FetchRequest(
        replica_id=-1,
        max_wait_ms=500,
        min_bytes=1,
        topics=[
            FetchTopic(
                topic="t",
                partitions=[
                    FetchPartition(partition=0, fetch_offset=42, partition_max_bytes=1048576)
                ],
            )
        ],
    )

    # Kafka 3.9.1
    assert_encoded(
        request,
        0,
        "ffffffff000001f400000001000000010001740000000100000000000000000000002a00100000",
    )


def test_the_last_request() -> None:
    request = FetchRequest(
        max_wait_ms=500,
        min_bytes=1,
        max_bytes=1000000,
        isolation_level=1,
        session_id=5,
        session_epoch=2,
        topics=[
            FetchTopic(
                topic_id=bytes(range(16)),
                partitions=[
                    FetchPartition(
                        partition=0,
                        current_leader_epoch=3,
                        fetch_offset=42,
                        partition_max_bytes=1048576,
                    )
                ],
            )
        ],
        forgotten_topics_data=[ForgottenTopic(topic_id=bytes(range(16)), partitions=[1, 2])],
        rack_id="r",
    )

    # Kafka 4.3.1
    assert_encoded(
        request,
        18,
        "000001f400000001000f42400100000005000000020200010203040506070809"
        "0a0b0c0d0e0f020000000000000003000000000000002affffffffffffffffff"
        "ffffff00100000000002000102030405060708090a0b0c0d0e0f030000000100"
        "00000200027200",
    )


def test_the_first_response() -> None:
    response = FetchResponse(
        responses=[
            FetchableTopicResponse(
                topic="t",
                partitions=[
                    PartitionData(
                        partition_index=0,
                        error_code=0,
                        high_watermark=43,
                        aborted_transactions=[],
                        records=b"\x01\x02\x03",
                    )
                ],
            )
        ]
    )

    # Kafka 3.9.1
    assert_encoded(response, 0, "0000000100017400000001000000000000000000000000002b00000003010203")


def test_a_response_with_aborted_transactions() -> None:
    response = FetchResponse(
        throttle_time_ms=1,
        responses=[
            FetchableTopicResponse(
                topic="t",
                partitions=[
                    PartitionData(
                        partition_index=0,
                        error_code=0,
                        high_watermark=43,
                        last_stable_offset=41,
                        aborted_transactions=[AbortedTransaction(producer_id=7, first_offset=30)],
                        records=b"\x01\x02\x03",
                    )
                ],
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(
        response,
        4,
        "000000010000000100017400000001000000000000000000000000002b000000"
        "0000000029000000010000000000000007000000000000001e00000003010203",
    )


def test_the_last_response() -> None:
    response = FetchResponse(
        session_id=5,
        responses=[
            FetchableTopicResponse(
                topic_id=bytes(range(16)),
                partitions=[
                    PartitionData(
                        partition_index=0,
                        error_code=74,
                        high_watermark=43,
                        last_stable_offset=43,
                        log_start_offset=0,
                        diverging_epoch=EpochEndOffset(epoch=2, end_offset=40),
                        current_leader=LeaderIdAndEpoch(leader_id=1, leader_epoch=3),
                        aborted_transactions=None,
                        records=None,
                    )
                ],
            )
        ],
        node_endpoints=[NodeEndpoint(node_id=1, host="h", port=9092, rack="r")],
    )

    # Kafka 4.3.1
    assert_encoded(
        response,
        18,
        "0000000000000000000502000102030405060708090a0b0c0d0e0f0200000000"
        "004a000000000000002b000000000000002b000000000000000000ffffffff00"
        "02000d0000000200000000000000280001090000000100000003000001000e02"
        "00000001026800002384027200",
    )
