"""OffsetCommit records, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.coordinator_records.group.offset_commit import (
    OffsetCommitKey,
    OffsetCommitValue,
)
from tests.support.encoded import assert_encoded


def test_a_key() -> None:
    value = OffsetCommitKey(group="g", topic="t", partition=7)

    # Kafka 4.3.1
    assert_encoded(value, 0, "00016700017400000007")


def test_a_value_that_expires() -> None:
    value = OffsetCommitValue(offset=42, metadata="m", commit_timestamp=1000, expire_timestamp=2000)

    # Kafka 4.3.1
    assert_encoded(value, 1, "000000000000002a00016d00000000000003e800000000000007d0")


def test_a_value() -> None:
    value = OffsetCommitValue(offset=42, leader_epoch=5, metadata="m", commit_timestamp=1000)

    # Kafka 4.3.1
    assert_encoded(value, 3, "000000000000002a0000000500016d00000000000003e8")


def test_a_flexible_value() -> None:
    value = OffsetCommitValue(
        offset=42, leader_epoch=5, metadata="m", commit_timestamp=1000, topic_id=bytes(range(16))
    )

    # Kafka 4.3.1
    assert_encoded(
        value,
        4,
        "000000000000002a00000005026d00000000000003e8010010000102030405060708090a0b0c0d0e0f",
    )
