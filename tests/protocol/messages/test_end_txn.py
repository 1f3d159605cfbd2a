"""EndTxn's bytes, as Kafka writes them when a transaction is ended."""

import pytest

from kafkacompat_protocol.messages.end_txn import (
    EndTxnRequest,
    EndTxnResponse,
)
from tests.support.encoded import assert_encoded

CASES = [
    pytest.param(
        EndTxnRequest(transactional_id="x", producer_id=7, producer_epoch=1, committed=True),
        0,
        "0001780000000000000007000101",
        id="a commit",
    ),
    pytest.param(
        EndTxnRequest(transactional_id="x", producer_id=7, producer_epoch=1, committed=False),
        5,
        "0278000000000000000700010000",
        id="a flexible abort",
    ),
    pytest.param(
        EndTxnResponse(throttle_time_ms=5, error_code=51), 4, "00000005003300", id="an answer"
    ),
    pytest.param(
        EndTxnResponse(error_code=0, producer_id=7, producer_epoch=2),
        5,
        "0000000000000000000000000007000200",
        id="an answer with the next epoch",
    ),
]


@pytest.mark.parametrize(("message", "version", "expected"), CASES)
def test_it_is_written_and_read_as_kafka_does(message: object, version: int, expected: str) -> None:
    assert_encoded(message, version, expected)
