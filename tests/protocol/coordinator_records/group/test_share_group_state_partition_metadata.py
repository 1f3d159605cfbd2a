"""ShareGroupStatePartitionMetadata, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.coordinator_records.group.share_group_state_partition_metadata import (
    ShareGroupStatePartitionMetadataKey,
    ShareGroupStatePartitionMetadataValue,
    ShareGroupStateTopic,
    ShareGroupStateTopicPartitions,
)
from tests.support.encoded import assert_encoded

TOPIC_ID = bytes(range(16))


def test_a_key() -> None:
    value = ShareGroupStatePartitionMetadataKey(group_id="g")

    # Kafka 4.3.1
    assert_encoded(value, 0, "000167")


def test_a_value() -> None:
    value = ShareGroupStatePartitionMetadataValue(
        initializing_topics=[],
        initialized_topics=[
            ShareGroupStateTopicPartitions(topic_id=TOPIC_ID, topic_name="t", partitions=[0, 1])
        ],
        deleting_topics=[ShareGroupStateTopic(topic_id=TOPIC_ID, topic_name="u")],
    )

    # Kafka 4.3.1
    assert_encoded(
        value,
        0,
        (
            "0102000102030405060708090a0b0c0d0e0f02740300000000000000010002000102030405060708"
            "090a0b0c0d0e0f02750000"
        ),
    )
