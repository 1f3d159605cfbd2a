"""InitProducerId, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.init_producer_id import (
    InitProducerIdRequest,
    InitProducerIdResponse,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    request = InitProducerIdRequest(transactional_id=None, transaction_timeout_ms=60000)

    # Kafka 4.3.1
    assert_encoded(request, 0, "ffff0000ea60")


def test_the_last_request() -> None:
    request = InitProducerIdRequest(
        transactional_id="x", transaction_timeout_ms=60000, producer_id=7, producer_epoch=1
    )

    # Kafka 4.3.1
    assert_encoded(request, 5, "02780000ea600000000000000007000100")


def test_the_first_response() -> None:
    response = InitProducerIdResponse(error_code=0, producer_id=7, producer_epoch=1)

    # Kafka 4.3.1
    assert_encoded(response, 0, "00000000000000000000000000070001")


def test_the_last_response() -> None:
    response = InitProducerIdResponse(error_code=90, producer_id=-1, producer_epoch=-1)

    # Kafka 4.3.1
    assert_encoded(response, 5, "00000000005affffffffffffffffffff00")
