"""ElectLeaders's bytes, as Kafka writes them when leaders are elected."""

import pytest

from kafkacompat_protocol.messages.elect_leaders import (
    ElectLeadersRequest,
    ElectLeadersResponse,
    PartitionResult,
    ReplicaElectionResult,
    TopicPartitions,
)
from tests.support.encoded import assert_encoded

CASES = [
    pytest.param(
        ElectLeadersRequest(
            topic_partitions=[TopicPartitions(topic="t", partitions=[0])], timeout_ms=1000
        ),
        0,
        "000000010001740000000100000000000003e8",
        id="a request of old",
    ),
    pytest.param(
        ElectLeadersRequest(election_type=1, topic_partitions=None),
        2,
        "01000000ea6000",
        id="a request for everything",
    ),
    pytest.param(
        ElectLeadersResponse(
            replica_election_results=[
                ReplicaElectionResult(
                    topic="t",
                    partition_result=[
                        PartitionResult(partition_id=0, error_code=84, error_message="no")
                    ],
                )
            ]
        ),
        2,
        "00000000000002027402000000000054036e6f000000",
        id="an answer",
    ),
]


@pytest.mark.parametrize(("message", "version", "expected"), CASES)
def test_it_is_written_and_read_as_kafka_does(message: object, version: int, expected: str) -> None:
    assert_encoded(message, version, expected)
