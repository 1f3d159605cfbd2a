"""Records of topics, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.metadata_records.topics import (
    ClearElrRecord,
    PartitionChangeRecord,
    PartitionRecord,
    RemoveTopicRecord,
    TopicRecord,
)
from tests.support.encoded import assert_encoded


def test_a_topic() -> None:
    value = TopicRecord(name="t", topic_id=bytes(range(16)))

    # Kafka 4.3.1
    assert_encoded(value, 0, "0274000102030405060708090a0b0c0d0e0f00")


def test_a_partition() -> None:
    value = PartitionRecord(
        partition_id=0,
        topic_id=bytes(range(16)),
        replicas=[1],
        isr=[1],
        removing_replicas=[],
        adding_replicas=[],
        leader=1,
        leader_epoch=0,
        partition_epoch=0,
        directories=[bytes(range(16))],
    )

    # Kafka 4.3.1
    assert_encoded(
        value,
        1,
        "00000000000102030405060708090a0b0c0d0e0f020000000102000000010101"
        "00000001000000000000000002000102030405060708090a0b0c0d0e0f00",
    )


def test_a_changed_partition() -> None:
    value = PartitionChangeRecord(
        partition_id=0, topic_id=bytes(range(16)), isr=[1], leader=1, replicas=None
    )

    # Kafka 4.3.1
    assert_encoded(
        value,
        0,
        "00000000000102030405060708090a0b0c0d0e0f0200050200000001010400000001",
    )


def test_a_removed_topic() -> None:
    value = RemoveTopicRecord(topic_id=bytes(range(16)))

    # Kafka 4.3.1
    assert_encoded(value, 0, "000102030405060708090a0b0c0d0e0f00")


def test_forgotten_eligible_leaders() -> None:
    value = ClearElrRecord(topic_name="t")

    # Kafka 4.3.1
    assert_encoded(value, 0, "027400")
