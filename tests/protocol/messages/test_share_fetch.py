"""ShareFetch, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.share_fetch import (
    AcquiredRecords,
    ShareFetchableTopicResponse,
    ShareFetchAcknowledgementBatch,
    ShareFetchForgottenTopic,
    ShareFetchLeader,
    ShareFetchNodeEndpoint,
    ShareFetchPartition,
    ShareFetchPartitionData,
    ShareFetchRequest,
    ShareFetchResponse,
    ShareFetchTopic,
)
from tests.support.encoded import assert_encoded

TOPIC_ID = bytes(range(16))


def test_a_request_that_acknowledges_and_forgets() -> None:
    value = ShareFetchRequest(
        group_id="g",
        member_id="m",
        share_session_epoch=2,
        max_wait_ms=500,
        min_bytes=1,
        max_bytes=1000000,
        max_records=500,
        batch_size=100,
        topics=[
            ShareFetchTopic(
                topic_id=TOPIC_ID,
                partitions=[
                    ShareFetchPartition(
                        partition_index=3,
                        acknowledgement_batches=[
                            ShareFetchAcknowledgementBatch(
                                first_offset=40, last_offset=42, acknowledge_types=[1, 2, 3]
                            )
                        ],
                    )
                ],
            )
        ],
        forgotten_topics_data=[ShareFetchForgottenTopic(topic_id=TOPIC_ID, partitions=[1])],
    )

    # Kafka 4.3.1
    assert_encoded(
        value,
        1,
        (
            "0267026d00000002000001f400000001000f4240000001f40000006402000102030405060708090a"
            "0b0c0d0e0f0200000003020000000000000028000000000000002a04010203000000020001020304"
            "05060708090a0b0c0d0e0f02000000010000"
        ),
    )


def test_a_request_that_renews_and_closes() -> None:
    value = ShareFetchRequest(
        group_id="g",
        member_id="m",
        share_session_epoch=-1,
        max_bytes=0,
        share_acquire_mode=1,
        is_renew_ack=True,
    )

    # Kafka 4.3.1
    assert_encoded(value, 2, "0267026dffffffff00000000000000000000000000000000000000000101010100")


def test_a_response_with_acquired_records() -> None:
    value = ShareFetchResponse(
        acquisition_lock_timeout_ms=30000,
        responses=[
            ShareFetchableTopicResponse(
                topic_id=TOPIC_ID,
                partitions=[
                    ShareFetchPartitionData(
                        partition_index=3,
                        error_code=6,
                        acknowledge_error_code=121,
                        acknowledge_error_message="no",
                        current_leader=ShareFetchLeader(leader_id=1, leader_epoch=4),
                        records=b"\x01\x02\x03",
                        acquired_records=[
                            AcquiredRecords(first_offset=43, last_offset=45, delivery_count=2)
                        ],
                    )
                ],
            )
        ],
        node_endpoints=[ShareFetchNodeEndpoint(node_id=1, host="h", port=9092)],
    )

    # Kafka 4.3.1
    assert_encoded(
        value,
        2,
        (
            "000000000000000000753002000102030405060708090a0b0c0d0e0f02000000030006000079036e"
            "6f0000000100000004000401020302000000000000002b000000000000002d000200000002000000"
            "01026800002384000000"
        ),
    )
