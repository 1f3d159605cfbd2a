"""ShareGroupMetadata records, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.coordinator_records.group.share_group_metadata import (
    ShareGroupMetadataKey,
    ShareGroupMetadataValue,
)
from tests.support.encoded import assert_encoded


def test_a_key() -> None:
    value = ShareGroupMetadataKey(group_id="g")

    # Kafka 4.3.1
    assert_encoded(value, 0, "000167")


def test_a_value() -> None:
    value = ShareGroupMetadataValue(epoch=3, metadata_hash=-2)

    # Kafka 4.3.1
    assert_encoded(value, 0, "00000003fffffffffffffffe00")
