"""TxnOffsetCommit's bytes, as Kafka writes them when offsets are committed in a transaction."""

import pytest

from kafkacompat_protocol.messages.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestPartition,
    TxnOffsetCommitRequestTopic,
    TxnOffsetCommitResponse,
    TxnOffsetCommitResponsePartition,
    TxnOffsetCommitResponseTopic,
)
from tests.support.encoded import assert_encoded

CASES = [
    pytest.param(
        TxnOffsetCommitRequest(
            transactional_id="x",
            group_id="g",
            producer_id=7,
            producer_epoch=1,
            topics=[
                TxnOffsetCommitRequestTopic(
                    name="t",
                    partitions=[
                        TxnOffsetCommitRequestPartition(
                            partition_index=2, committed_offset=9, committed_metadata="m"
                        )
                    ],
                )
            ],
        ),
        0,
        "00017800016700000000000000070001000000010001740000000100000002000000000000000900016d",
        id="a request",
    ),
    pytest.param(
        TxnOffsetCommitRequest(
            transactional_id="x",
            group_id="g",
            producer_id=7,
            producer_epoch=1,
            generation_id=4,
            member_id="m",
            group_instance_id="i",
            topics=[
                TxnOffsetCommitRequestTopic(
                    name="t",
                    partitions=[
                        TxnOffsetCommitRequestPartition(
                            partition_index=2,
                            committed_offset=9,
                            committed_leader_epoch=3,
                            committed_metadata=None,
                        )
                    ],
                )
            ],
        ),
        5,
        "027802670000000000000007000100000004026d026902027402000000020000"
        "0000000000090000000300000000",
        id="a request of a member",
    ),
    pytest.param(
        TxnOffsetCommitResponse(
            topics=[
                TxnOffsetCommitResponseTopic(
                    name="t",
                    partitions=[TxnOffsetCommitResponsePartition(partition_index=2, error_code=22)],
                )
            ]
        ),
        3,
        "0000000002027402000000020016000000",
        id="an answer",
    ),
]


@pytest.mark.parametrize(("message", "version", "expected"), CASES)
def test_it_is_written_and_read_as_kafka_does(message: object, version: int, expected: str) -> None:
    assert_encoded(message, version, expected)
