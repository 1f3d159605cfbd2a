"""AlterReplicaLogDirs's bytes, as Kafka writes them when replicas are moved."""

import pytest

from kafkacompat_protocol.messages.alter_replica_log_dirs import (
    AlterReplicaLogDir,
    AlterReplicaLogDirPartitionResult,
    AlterReplicaLogDirsRequest,
    AlterReplicaLogDirsResponse,
    AlterReplicaLogDirTopic,
    AlterReplicaLogDirTopicResult,
)
from tests.support.encoded import assert_encoded

CASES = [
    pytest.param(
        AlterReplicaLogDirsRequest(
            dirs=[
                AlterReplicaLogDir(
                    path="/d", topics=[AlterReplicaLogDirTopic(name="t", partitions=[0, 1])]
                )
            ]
        ),
        1,
        "0000000100022f6400000001000174000000020000000000000001",
        id="a request of old",
    ),
    pytest.param(
        AlterReplicaLogDirsRequest(
            dirs=[
                AlterReplicaLogDir(
                    path="/d", topics=[AlterReplicaLogDirTopic(name="t", partitions=[0])]
                )
            ]
        ),
        2,
        "02032f640202740200000000000000",
        id="a request",
    ),
    pytest.param(
        AlterReplicaLogDirsResponse(
            results=[
                AlterReplicaLogDirTopicResult(
                    topic_name="t",
                    partitions=[
                        AlterReplicaLogDirPartitionResult(partition_index=0, error_code=57)
                    ],
                )
            ]
        ),
        2,
        "0000000002027402000000000039000000",
        id="an answer",
    ),
]


@pytest.mark.parametrize(("message", "version", "expected"), CASES)
def test_it_is_written_and_read_as_kafka_does(message: object, version: int, expected: str) -> None:
    assert_encoded(message, version, expected)
