"""ShareAcknowledge, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.share_acknowledge import (
    AcknowledgementBatch,
    AcknowledgePartition,
    AcknowledgeTopic,
    ShareAcknowledgeLeader,
    ShareAcknowledgeNodeEndpoint,
    ShareAcknowledgePartitionData,
    ShareAcknowledgeRequest,
    ShareAcknowledgeResponse,
    ShareAcknowledgeTopicResponse,
)
from tests.support.encoded import assert_encoded

TOPIC_ID = bytes(range(16))


def test_the_first_request() -> None:
    value = ShareAcknowledgeRequest(
        group_id="g",
        member_id="m",
        share_session_epoch=2,
        topics=[
            AcknowledgeTopic(
                topic_id=TOPIC_ID,
                partitions=[
                    AcknowledgePartition(
                        partition_index=3,
                        acknowledgement_batches=[
                            AcknowledgementBatch(
                                first_offset=40, last_offset=42, acknowledge_types=[4]
                            )
                        ],
                    )
                ],
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(
        value,
        1,
        (
            "0267026d0000000202000102030405060708090a0b0c0d0e0f020000000302000000000000002800"
            "0000000000002a020400000000"
        ),
    )


def test_a_request_that_renews() -> None:
    value = ShareAcknowledgeRequest(
        group_id="g",
        member_id="m",
        share_session_epoch=2,
        is_renew_ack=True,
        topics=[
            AcknowledgeTopic(
                topic_id=TOPIC_ID,
                partitions=[
                    AcknowledgePartition(
                        partition_index=3,
                        acknowledgement_batches=[
                            AcknowledgementBatch(
                                first_offset=40, last_offset=42, acknowledge_types=[4]
                            )
                        ],
                    )
                ],
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(
        value,
        2,
        (
            "0267026d000000020102000102030405060708090a0b0c0d0e0f0200000003020000000000000028"
            "000000000000002a020400000000"
        ),
    )


def test_the_first_response() -> None:
    value = ShareAcknowledgeResponse(
        responses=[
            ShareAcknowledgeTopicResponse(
                topic_id=TOPIC_ID,
                partitions=[
                    ShareAcknowledgePartitionData(
                        partition_index=3,
                        error_code=121,
                        current_leader=ShareAcknowledgeLeader(leader_id=1, leader_epoch=4),
                    )
                ],
            )
        ],
        node_endpoints=[ShareAcknowledgeNodeEndpoint(node_id=1, host="h", port=9092, rack="r")],
    )

    # Kafka 4.3.1
    assert_encoded(
        value,
        1,
        (
            "0000000000000002000102030405060708090a0b0c0d0e0f02000000030079000000000100000004"
            "000000020000000102680000238402720000"
        ),
    )


def test_the_last_response() -> None:
    value = ShareAcknowledgeResponse(
        acquisition_lock_timeout_ms=30000,
        responses=[
            ShareAcknowledgeTopicResponse(
                topic_id=TOPIC_ID,
                partitions=[
                    ShareAcknowledgePartitionData(
                        partition_index=3,
                        error_code=121,
                        current_leader=ShareAcknowledgeLeader(leader_id=1, leader_epoch=4),
                    )
                ],
            )
        ],
        node_endpoints=[ShareAcknowledgeNodeEndpoint(node_id=1, host="h", port=9092, rack="r")],
    )

    # Kafka 4.3.1
    assert_encoded(
        value,
        2,
        (
            "000000000000000000753002000102030405060708090a0b0c0d0e0f020000000300790000000001"
            "00000004000000020000000102680000238402720000"
        ),
    )
