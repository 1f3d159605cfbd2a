"""DescribeTransactions's bytes, as Kafka writes them when transactions are described."""

import pytest

from kafkacompat_protocol.messages.describe_transactions import (
    DescribeTransactionsRequest,
    DescribeTransactionsResponse,
    TransactionDescription,
    TransactionTopic,
)
from tests.support.encoded import assert_encoded

CASES = [
    pytest.param(
        DescribeTransactionsRequest(transactional_ids=["x"]), 0, "02027800", id="a request"
    ),
    pytest.param(
        DescribeTransactionsResponse(
            transaction_states=[
                TransactionDescription(
                    error_code=0,
                    transactional_id="x",
                    transaction_state="Ongoing",
                    transaction_timeout_ms=60000,
                    transaction_start_time_ms=1000,
                    producer_id=7,
                    producer_epoch=1,
                    topics=[TransactionTopic(topic="t", partitions=[2])],
                )
            ]
        ),
        0,
        "000000000200000278084f6e676f696e670000ea6000000000000003e8000000"
        "000000000700010202740200000002000000",
        id="an answer",
    ),
]


@pytest.mark.parametrize(("message", "version", "expected"), CASES)
def test_it_is_written_and_read_as_kafka_does(message: object, version: int, expected: str) -> None:
    assert_encoded(message, version, expected)
