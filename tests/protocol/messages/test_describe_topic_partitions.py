"""DescribeTopicPartitions, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.describe_topic_partitions import (
    Cursor,
    DescribeTopicPartitionsRequest,
    DescribeTopicPartitionsResponse,
    DescribeTopicPartitionsResponsePartition,
    DescribeTopicPartitionsResponseTopic,
    TopicRequest,
)
from tests.support.encoded import assert_encoded


def test_the_request() -> None:
    request = DescribeTopicPartitionsRequest(
        topics=[TopicRequest(name="t")],
        response_partition_limit=10,
        cursor=Cursor(topic_name="t", partition_index=1),
    )

    # Kafka 4.3.1
    assert_encoded(request, 0, "020274000000000a010274000000010000")


def test_a_request_without_cursor() -> None:
    request = DescribeTopicPartitionsRequest(topics=[TopicRequest(name="t")], cursor=None)

    # Kafka 4.3.1
    assert_encoded(request, 0, "02027400000007d0ff00")


def test_the_response() -> None:
    response = DescribeTopicPartitionsResponse(
        throttle_time_ms=0,
        topics=[
            DescribeTopicPartitionsResponseTopic(
                error_code=0,
                name="t",
                topic_id=bytes(range(16)),
                is_internal=False,
                partitions=[
                    DescribeTopicPartitionsResponsePartition(
                        error_code=0,
                        partition_index=0,
                        leader_id=1,
                        leader_epoch=2,
                        replica_nodes=[1],
                        isr_nodes=[1],
                        eligible_leader_replicas=None,
                        last_known_elr=[],
                        offline_replicas=[],
                    )
                ],
            )
        ],
        next_cursor=None,
    )

    # Kafka 4.3.1
    assert_encoded(
        response,
        0,
        "000000000200000274000102030405060708090a0b0c0d0e0f00020000000000"
        "00000000010000000202000000010200000001000101008000000000ff00",
    )
