"""ShareGroupTargetAssignmentMember, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.coordinator_records.group.share_group_target_assignment_member import (
    ShareGroupTargetAssignmentMemberKey,
    ShareGroupTargetAssignmentMemberValue,
    ShareGroupTargetTopicPartition,
)
from tests.support.encoded import assert_encoded

TOPIC_ID = bytes(range(16))


def test_a_key() -> None:
    value = ShareGroupTargetAssignmentMemberKey(group_id="g", member_id="m")

    # Kafka 4.3.1
    assert_encoded(value, 0, "00016700016d")


def test_a_value() -> None:
    value = ShareGroupTargetAssignmentMemberValue(
        topic_partitions=[ShareGroupTargetTopicPartition(topic_id=TOPIC_ID, partitions=[0, 2])]
    )

    # Kafka 4.3.1
    assert_encoded(value, 0, "02000102030405060708090a0b0c0d0e0f0300000000000000020000")
