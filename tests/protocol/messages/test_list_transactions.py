"""ListTransactions's bytes, as Kafka writes them when transactions are listed."""

import pytest

from kafkacompat_protocol.messages.list_transactions import (
    ListedTransaction,
    ListTransactionsRequest,
    ListTransactionsResponse,
)
from tests.support.encoded import assert_encoded

CASES = [
    pytest.param(
        ListTransactionsRequest(state_filters=["Ongoing"], producer_id_filters=[7]),
        0,
        "02084f6e676f696e6702000000000000000700",
        id="a request",
    ),
    pytest.param(
        ListTransactionsRequest(
            state_filters=[],
            producer_id_filters=[],
            duration_filter=1000,
            transactional_id_pattern="a.*",
        ),
        2,
        "010100000000000003e804612e2a00",
        id="a request with every filter",
    ),
    pytest.param(
        ListTransactionsResponse(
            error_code=0,
            unknown_state_filters=["Odd"],
            transaction_states=[
                ListedTransaction(transactional_id="x", producer_id=7, transaction_state="Empty")
            ],
        ),
        2,
        "00000000000002044f6464020278000000000000000706456d7074790000",
        id="an answer",
    ),
]


@pytest.mark.parametrize(("message", "version", "expected"), CASES)
def test_it_is_written_and_read_as_kafka_does(message: object, version: int, expected: str) -> None:
    assert_encoded(message, version, expected)
