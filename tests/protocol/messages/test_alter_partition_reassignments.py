"""AlterPartitionReassignments's bytes, as Kafka writes them when partitions are put elsewhere."""

import pytest

from kafkacompat_protocol.messages.alter_partition_reassignments import (
    AlterPartitionReassignmentsRequest,
    AlterPartitionReassignmentsResponse,
    ReassignablePartition,
    ReassignablePartitionResponse,
    ReassignableTopic,
    ReassignableTopicResponse,
)
from tests.support.encoded import assert_encoded

CASES = [
    pytest.param(
        AlterPartitionReassignmentsRequest(
            topics=[
                ReassignableTopic(
                    name="t", partitions=[ReassignablePartition(partition_index=0, replicas=None)]
                )
            ]
        ),
        0,
        "0000ea60020274020000000000000000",
        id="a request to stop",
    ),
    pytest.param(
        AlterPartitionReassignmentsRequest(
            allow_replication_factor_change=False,
            topics=[
                ReassignableTopic(
                    name="t", partitions=[ReassignablePartition(partition_index=0, replicas=[1, 2])]
                )
            ],
        ),
        1,
        "0000ea60000202740200000000030000000100000002000000",
        id="a request",
    ),
    pytest.param(
        AlterPartitionReassignmentsResponse(
            error_code=0,
            responses=[
                ReassignableTopicResponse(
                    name="t",
                    partitions=[
                        ReassignablePartitionResponse(
                            partition_index=0, error_code=39, error_message="no"
                        )
                    ],
                )
            ],
        ),
        1,
        "000000000100000002027402000000000027036e6f000000",
        id="an answer",
    ),
]


@pytest.mark.parametrize(("message", "version", "expected"), CASES)
def test_it_is_written_and_read_as_kafka_does(message: object, version: int, expected: str) -> None:
    assert_encoded(message, version, expected)
