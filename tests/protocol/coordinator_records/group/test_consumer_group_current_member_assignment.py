"""ConsumerGroupCurrentMemberAssignment's bytes, when a member is told what it has."""

import pytest

from kafkacompat_protocol.coordinator_records.group import (
    consumer_group_current_member_assignment as module,
)
from tests.support.encoded import assert_encoded

CASES = [
    pytest.param(
        module.ConsumerGroupCurrentMemberAssignmentKey(group_id="g", member_id="m"),
        0,
        "00016700016d",
        id="a key",
    ),
    pytest.param(
        module.ConsumerGroupCurrentMemberAssignmentValue(
            member_epoch=3,
            previous_member_epoch=2,
            state=1,
            assigned_partitions=[
                module.ConsumerGroupCurrentTopicPartitions(topic_id=b"u" * 16, partitions=[0])
            ],
            partitions_pending_revocation=[
                module.ConsumerGroupCurrentTopicPartitions(
                    topic_id=b"u" * 16, partitions=[1], assignment_epochs=[2]
                )
            ],
        ),
        0,
        "0000000300000002010275757575757575757575757575757575020000000000"
        "02757575757575757575757575757575750200000001010005020000000200",
        id="a value",
    ),
]


@pytest.mark.parametrize(("message", "version", "expected"), CASES)
def test_it_is_written_and_read_as_kafka_does(message: object, version: int, expected: str) -> None:
    assert_encoded(message, version, expected)
