"""DeleteRecords's bytes, as Kafka writes them when records are deleted."""

import pytest

from kafkacompat_protocol.messages.delete_records import (
    DeleteRecordsPartition,
    DeleteRecordsPartitionResult,
    DeleteRecordsRequest,
    DeleteRecordsResponse,
    DeleteRecordsTopic,
    DeleteRecordsTopicResult,
)
from tests.support.encoded import assert_encoded

CASES = [
    pytest.param(
        DeleteRecordsRequest(
            topics=[
                DeleteRecordsTopic(
                    name="t", partitions=[DeleteRecordsPartition(partition_index=2, offset=-1)]
                )
            ],
            timeout_ms=1000,
        ),
        1,
        "000000010001740000000100000002ffffffffffffffff000003e8",
        id="a request of old",
    ),
    pytest.param(
        DeleteRecordsRequest(
            topics=[
                DeleteRecordsTopic(
                    name="t", partitions=[DeleteRecordsPartition(partition_index=2, offset=40)]
                )
            ],
            timeout_ms=1000,
        ),
        2,
        "020274020000000200000000000000280000000003e800",
        id="a request",
    ),
    pytest.param(
        DeleteRecordsResponse(
            topics=[
                DeleteRecordsTopicResult(
                    name="t",
                    partitions=[
                        DeleteRecordsPartitionResult(
                            partition_index=2, low_watermark=40, error_code=0
                        )
                    ],
                )
            ]
        ),
        2,
        "00000000020274020000000200000000000000280000000000",
        id="an answer",
    ),
]


@pytest.mark.parametrize(("message", "version", "expected"), CASES)
def test_it_is_written_and_read_as_kafka_does(message: object, version: int, expected: str) -> None:
    assert_encoded(message, version, expected)
