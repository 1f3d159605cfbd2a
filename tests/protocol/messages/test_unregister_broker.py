"""UnregisterBroker's bytes, as Kafka writes them when a broker is forgotten."""

import pytest

from kafkacompat_protocol.messages.unregister_broker import (
    UnregisterBrokerRequest,
    UnregisterBrokerResponse,
)
from tests.support.encoded import assert_encoded

CASES = [
    pytest.param(
        UnregisterBrokerRequest(broker_id=7),
        0,
        "0000000700",
        id="a request",
    ),
    pytest.param(
        UnregisterBrokerResponse(error_code=102, error_message="no"),
        0,
        "000000000066036e6f00",
        id="an answer",
    ),
]


@pytest.mark.parametrize(("message", "version", "expected"), CASES)
def test_it_is_written_and_read_as_kafka_does(message: object, version: int, expected: str) -> None:
    assert_encoded(message, version, expected)
