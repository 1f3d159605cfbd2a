"""ConsumerGroupTargetAssignmentMetadata's bytes, when targets are set."""

import pytest

from kafkacompat_protocol.coordinator_records.group import (
    consumer_group_target_assignment_metadata as module,
)
from tests.support.encoded import assert_encoded

CASES = [
    pytest.param(
        module.ConsumerGroupTargetAssignmentMetadataKey(group_id="g"), 0, "000167", id="a key"
    ),
    pytest.param(
        module.ConsumerGroupTargetAssignmentMetadataValue(assignment_epoch=3),
        0,
        "0000000300",
        id="a value",
    ),
    pytest.param(
        module.ConsumerGroupTargetAssignmentMetadataValue(
            assignment_epoch=3, assignment_timestamp=1000
        ),
        0,
        "0000000301000800000000000003e8",
        id="with its time",
    ),
]


@pytest.mark.parametrize(("message", "version", "expected"), CASES)
def test_it_is_written_and_read_as_kafka_does(message: object, version: int, expected: str) -> None:
    assert_encoded(message, version, expected)
