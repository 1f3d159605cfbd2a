"""ShareGroupTargetAssignmentMetadata, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.coordinator_records.group.share_group_target_assignment_metadata import (
    ShareGroupTargetAssignmentMetadataKey,
    ShareGroupTargetAssignmentMetadataValue,
)
from tests.support.encoded import assert_encoded


def test_a_key() -> None:
    value = ShareGroupTargetAssignmentMetadataKey(group_id="g")

    # Kafka 4.3.1
    assert_encoded(value, 0, "000167")


def test_a_value() -> None:
    value = ShareGroupTargetAssignmentMetadataValue(assignment_epoch=3)

    # Kafka 4.3.1
    assert_encoded(value, 0, "0000000300")


def test_a_value_with_a_timestamp() -> None:
    value = ShareGroupTargetAssignmentMetadataValue(assignment_epoch=3, assignment_timestamp=1000)

    # Kafka 4.3.1
    assert_encoded(value, 0, "0000000301000800000000000003e8")
