"""Produce, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.produce import (
    BatchIndexAndErrorMessage,
    LeaderIdAndEpoch,
    NodeEndpoint,
    PartitionProduceData,
    PartitionProduceResponse,
    ProduceRequest,
    ProduceResponse,
    TopicProduceData,
    TopicProduceResponse,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    request = ProduceRequest(
        acks=1,
        timeout_ms=1500,
        topic_data=[
            TopicProduceData(
                name="t", partition_data=[PartitionProduceData(index=3, records=b"\x01\x02\x03")]
            )
        ],
    )

    # Kafka 3.9.1
    assert_encoded(request, 0, "0001000005dc00000001000174000000010000000300000003010203")


def test_the_first_flexible_request() -> None:
    request = ProduceRequest(
        transactional_id="x",
        acks=-1,
        timeout_ms=1500,
        topic_data=[
            TopicProduceData(
                name="t", partition_data=[PartitionProduceData(index=3, records=b"\x01\x02\x03")]
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(request, 9, "0278ffff000005dc020274020000000304010203000000")


def test_a_request_by_topic_id() -> None:
    request = ProduceRequest(
        acks=-1,
        timeout_ms=1500,
        topic_data=[
            TopicProduceData(
                topic_id=bytes(range(16)),
                partition_data=[PartitionProduceData(index=3, records=None)],
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(
        request,
        13,
        "00ffff000005dc02000102030405060708090a0b0c0d0e0f020000000300000000",
    )


def test_the_first_response() -> None:
    response = ProduceResponse(
        responses=[
            TopicProduceResponse(
                name="t",
                partition_responses=[
                    PartitionProduceResponse(index=3, error_code=0, base_offset=42)
                ],
            )
        ]
    )

    # Kafka 3.9.1
    assert_encoded(response, 0, "0000000100017400000001000000030000000000000000002a")


def test_a_response_that_names_bad_records() -> None:
    response = ProduceResponse(
        responses=[
            TopicProduceResponse(
                name="t",
                partition_responses=[
                    PartitionProduceResponse(
                        index=3,
                        error_code=87,
                        base_offset=-1,
                        record_errors=[
                            BatchIndexAndErrorMessage(
                                batch_index=1, batch_index_error_message="null key"
                            )
                        ],
                        error_message="bad",
                    )
                ],
            )
        ],
        throttle_time_ms=7,
    )

    # Kafka 4.3.1
    assert_encoded(
        response,
        8,
        "0000000100017400000001000000030057ffffffffffffffffffffffffffffff"
        "ffffffffffffffffff000000010000000100086e756c6c206b65790003626164"
        "00000007",
    )


def test_a_response_that_names_the_new_leader() -> None:
    response = ProduceResponse(
        responses=[
            TopicProduceResponse(
                topic_id=bytes(range(16)),
                partition_responses=[
                    PartitionProduceResponse(
                        index=3,
                        error_code=6,
                        base_offset=-1,
                        current_leader=LeaderIdAndEpoch(leader_id=2, leader_epoch=9),
                    )
                ],
            )
        ],
        node_endpoints=[NodeEndpoint(node_id=2, host="h", port=9092)],
    )

    # Kafka 4.3.1
    assert_encoded(
        response,
        13,
        "02000102030405060708090a0b0c0d0e0f02000000030006ffffffffffffffff"
        "ffffffffffffffffffffffffffffffff01000100090000000200000009000000"
        "00000001000d02000000020268000023840000",
    )
