"""DescribeLogDirs's bytes, as Kafka writes them when directories are described."""

import pytest

from kafkacompat_protocol.messages.describe_log_dirs import (
    DescribableLogDirTopic,
    DescribeLogDirsPartition,
    DescribeLogDirsRequest,
    DescribeLogDirsResponse,
    DescribeLogDirsResult,
    DescribeLogDirsTopic,
)
from tests.support.encoded import assert_encoded

CASES = [
    pytest.param(
        DescribeLogDirsRequest(topics=None),
        0,
        "ffffffff",
        id="a request of old for everything",
    ),
    pytest.param(
        DescribeLogDirsRequest(topics=[DescribableLogDirTopic(topic="t", partitions=[2])]),
        5,
        "02027402000000020000",
        id="a request",
    ),
    pytest.param(
        DescribeLogDirsResponse(
            results=[
                DescribeLogDirsResult(
                    error_code=0,
                    log_dir="/d",
                    topics=[
                        DescribeLogDirsTopic(
                            name="t",
                            partitions=[
                                DescribeLogDirsPartition(
                                    partition_index=2,
                                    partition_size=170,
                                    offset_lag=3,
                                    is_future_key=True,
                                )
                            ],
                        )
                    ],
                )
            ]
        ),
        1,
        "0000000000000001000000022f64000000010001740000000100000002000000"
        "00000000aa000000000000000301",
        id="an answer of old",
    ),
    pytest.param(
        DescribeLogDirsResponse(
            results=[
                DescribeLogDirsResult(
                    error_code=0,
                    log_dir="/d",
                    topics=[],
                    total_bytes=1000,
                    usable_bytes=900,
                    is_cordoned=True,
                )
            ]
        ),
        5,
        "000000000000020000032f640100000000000003e80000000000000384010000",
        id="an answer",
    ),
]


@pytest.mark.parametrize(("message", "version", "expected"), CASES)
def test_it_is_written_and_read_as_kafka_does(message: object, version: int, expected: str) -> None:
    assert_encoded(message, version, expected)
