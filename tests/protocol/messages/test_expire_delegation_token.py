"""ExpireDelegationToken, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.expire_delegation_token import (
    ExpireDelegationTokenRequest,
    ExpireDelegationTokenResponse,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    value = ExpireDelegationTokenRequest(hmac=b"h", expiry_time_period_ms=5)

    # Kafka 3.9.1
    assert_encoded(value, 0, "00000001680000000000000005")


def test_the_last_request() -> None:
    value = ExpireDelegationTokenRequest(hmac=b"h", expiry_time_period_ms=5)

    # Kafka 4.3.1
    assert_encoded(value, 2, "0268000000000000000500")


def test_the_first_response() -> None:
    value = ExpireDelegationTokenResponse(error_code=64, expiry_timestamp_ms=-1)

    # Kafka 3.9.1
    assert_encoded(value, 0, "0040ffffffffffffffff00000000")


def test_the_last_response() -> None:
    value = ExpireDelegationTokenResponse(error_code=64, expiry_timestamp_ms=-1)

    # Kafka 4.3.1
    assert_encoded(value, 2, "0040ffffffffffffffff0000000000")
