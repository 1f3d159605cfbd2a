"""AddPartitionsToTxn's bytes, as Kafka writes them when partitions to add are named."""

import pytest

from kafkacompat_protocol.messages.add_partitions_to_txn import (
    AddPartitionsToTxnPartitionResult,
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnResponse,
    AddPartitionsToTxnResult,
    AddPartitionsToTxnTopic,
    AddPartitionsToTxnTopicResult,
    AddPartitionsToTxnTransaction,
)
from tests.support.encoded import assert_encoded

CASES = [
    pytest.param(
        AddPartitionsToTxnRequest(
            v3_and_below_transactional_id="x",
            v3_and_below_producer_id=7,
            v3_and_below_producer_epoch=1,
            v3_and_below_topics=[AddPartitionsToTxnTopic(name="t", partitions=[2])],
        ),
        0,
        "00017800000000000000070001000000010001740000000100000002",
        id="a request of one transaction",
    ),
    pytest.param(
        AddPartitionsToTxnRequest(
            transactions=[
                AddPartitionsToTxnTransaction(
                    transactional_id="x",
                    producer_id=7,
                    producer_epoch=1,
                    verify_only=True,
                    topics=[AddPartitionsToTxnTopic(name="t", partitions=[2])],
                )
            ]
        ),
        4,
        "02027800000000000000070001010202740200000002000000",
        id="a request of several transactions",
    ),
    pytest.param(
        AddPartitionsToTxnResponse(
            throttle_time_ms=5,
            results_by_topic_v3_and_below=[
                AddPartitionsToTxnTopicResult(
                    name="t",
                    results_by_partition=[
                        AddPartitionsToTxnPartitionResult(
                            partition_index=2, partition_error_code=51
                        )
                    ],
                )
            ],
        ),
        3,
        "0000000502027402000000020033000000",
        id="an answer for one transaction",
    ),
    pytest.param(
        AddPartitionsToTxnResponse(
            error_code=0,
            results_by_transaction=[
                AddPartitionsToTxnResult(
                    transactional_id="x",
                    topic_results=[
                        AddPartitionsToTxnTopicResult(
                            name="t",
                            results_by_partition=[
                                AddPartitionsToTxnPartitionResult(
                                    partition_index=2, partition_error_code=120
                                )
                            ],
                        )
                    ],
                )
            ],
        ),
        5,
        "0000000000000202780202740200000002007800000000",
        id="an answer for several transactions",
    ),
]


@pytest.mark.parametrize(("message", "version", "expected"), CASES)
def test_it_is_written_and_read_as_kafka_does(message: object, version: int, expected: str) -> None:
    assert_encoded(message, version, expected)
