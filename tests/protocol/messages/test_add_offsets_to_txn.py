"""AddOffsetsToTxn's bytes, as Kafka writes them when a group is named."""

import pytest

from kafkacompat_protocol.messages.add_offsets_to_txn import (
    AddOffsetsToTxnRequest,
    AddOffsetsToTxnResponse,
)
from tests.support.encoded import assert_encoded

CASES = [
    pytest.param(
        AddOffsetsToTxnRequest(transactional_id="x", producer_id=7, producer_epoch=1, group_id="g"),
        0,
        "00017800000000000000070001000167",
        id="a request",
    ),
    pytest.param(
        AddOffsetsToTxnRequest(transactional_id="x", producer_id=7, producer_epoch=1, group_id="g"),
        4,
        "027800000000000000070001026700",
        id="a flexible request",
    ),
    pytest.param(
        AddOffsetsToTxnResponse(throttle_time_ms=5, error_code=90),
        2,
        "00000005005a",
        id="an answer",
    ),
    pytest.param(
        AddOffsetsToTxnResponse(throttle_time_ms=5, error_code=90),
        3,
        "00000005005a00",
        id="a flexible answer",
    ),
]


@pytest.mark.parametrize(("message", "version", "expected"), CASES)
def test_it_is_written_and_read_as_kafka_does(message: object, version: int, expected: str) -> None:
    assert_encoded(message, version, expected)
