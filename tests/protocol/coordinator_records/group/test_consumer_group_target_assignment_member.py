"""ConsumerGroupTargetAssignmentMember's bytes, when a member gets a target."""

import pytest

from kafkacompat_protocol.coordinator_records.group.consumer_group_target_assignment_member import (
    ConsumerGroupTargetAssignmentMemberKey,
    ConsumerGroupTargetAssignmentMemberValue,
    ConsumerGroupTargetTopicPartition,
)
from tests.support.encoded import assert_encoded

CASES = [
    pytest.param(
        ConsumerGroupTargetAssignmentMemberKey(group_id="g", member_id="m"),
        0,
        "00016700016d",
        id="a key",
    ),
    pytest.param(
        ConsumerGroupTargetAssignmentMemberValue(
            topic_partitions=[
                ConsumerGroupTargetTopicPartition(topic_id=b"u" * 16, partitions=[0, 1])
            ]
        ),
        0,
        "02757575757575757575757575757575750300000000000000010000",
        id="a value",
    ),
]


@pytest.mark.parametrize(("message", "version", "expected"), CASES)
def test_it_is_written_and_read_as_kafka_does(message: object, version: int, expected: str) -> None:
    assert_encoded(message, version, expected)
