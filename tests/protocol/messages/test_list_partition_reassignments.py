"""ListPartitionReassignments's bytes, as Kafka writes them when partitions are on their way."""

import pytest

from kafkacompat_protocol.messages.list_partition_reassignments import (
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsResponse,
    ListPartitionReassignmentsTopics,
    OngoingPartitionReassignment,
    OngoingTopicReassignment,
)
from tests.support.encoded import assert_encoded

CASES = [
    pytest.param(
        ListPartitionReassignmentsRequest(timeout_ms=1000),
        0,
        "000003e80000",
        id="a request for everything",
    ),
    pytest.param(
        ListPartitionReassignmentsRequest(
            topics=[ListPartitionReassignmentsTopics(name="t", partition_indexes=[0])]
        ),
        0,
        "0000ea6002027402000000000000",
        id="a request",
    ),
    pytest.param(
        ListPartitionReassignmentsResponse(
            error_code=0,
            topics=[
                OngoingTopicReassignment(
                    name="t",
                    partitions=[
                        OngoingPartitionReassignment(
                            partition_index=0,
                            replicas=[1, 2],
                            adding_replicas=[2],
                            removing_replicas=[1],
                        )
                    ],
                )
            ],
        ),
        0,
        "00000000000000020274020000000003000000010000000202000000020200000001000000",
        id="an answer",
    ),
]


@pytest.mark.parametrize(("message", "version", "expected"), CASES)
def test_it_is_written_and_read_as_kafka_does(message: object, version: int, expected: str) -> None:
    assert_encoded(message, version, expected)
