"""DescribeQuorum's bytes, as Kafka writes them when a quorum is described."""

import pytest

from kafkacompat_protocol.messages.describe_quorum import (
    DescribedPartition,
    DescribedTopic,
    DescribeQuorumRequest,
    DescribeQuorumResponse,
    PartitionData,
    QuorumListener,
    QuorumNode,
    ReplicaState,
    TopicData,
)
from tests.support.encoded import assert_encoded

CASES = [
    pytest.param(
        DescribeQuorumRequest(
            topics=[
                TopicData(
                    topic_name="__cluster_metadata", partitions=[PartitionData(partition_index=0)]
                )
            ]
        ),
        0,
        "02135f5f636c75737465725f6d657461646174610200000000000000",
        id="a request",
    ),
    pytest.param(
        DescribeQuorumResponse(
            error_code=0,
            topics=[
                DescribedTopic(
                    topic_name="m",
                    partitions=[
                        DescribedPartition(
                            partition_index=0,
                            error_code=0,
                            leader_id=1,
                            leader_epoch=3,
                            high_watermark=40,
                            current_voters=[ReplicaState(replica_id=1, log_end_offset=40)],
                            observers=[],
                        )
                    ],
                )
            ],
        ),
        0,
        "000002026d020000000000000000000100000003000000000000002802000000"
        "0100000000000000280001000000",
        id="an answer of old",
    ),
    pytest.param(
        DescribeQuorumResponse(
            error_code=0,
            error_message="",
            topics=[
                DescribedTopic(
                    topic_name="m",
                    partitions=[
                        DescribedPartition(
                            partition_index=0,
                            error_code=0,
                            error_message="",
                            leader_id=1,
                            leader_epoch=3,
                            high_watermark=40,
                            current_voters=[
                                ReplicaState(
                                    replica_id=1,
                                    replica_directory_id=bytes(15) + b"\x07",
                                    log_end_offset=40,
                                    last_fetch_timestamp=1000,
                                    last_caught_up_timestamp=1000,
                                )
                            ],
                            observers=[],
                        )
                    ],
                )
            ],
            nodes=[
                QuorumNode(node_id=1, listeners=[QuorumListener(name="C", host="h", port=40000)])
            ],
        ),
        2,
        "00000102026d0200000000000001000000010000000300000000000000280200"
        "0000010000000000000000000000000000000700000000000000280000000000"
        "0003e800000000000003e800010000020000000102024302689c40000000",
        id="an answer",
    ),
]


@pytest.mark.parametrize(("message", "version", "expected"), CASES)
def test_it_is_written_and_read_as_kafka_does(message: object, version: int, expected: str) -> None:
    assert_encoded(message, version, expected)
