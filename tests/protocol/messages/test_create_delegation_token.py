"""CreateDelegationToken, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.create_delegation_token import (
    CreatableRenewers,
    CreateDelegationTokenRequest,
    CreateDelegationTokenResponse,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    value = CreateDelegationTokenRequest(
        renewers=[CreatableRenewers(principal_type="User", principal_name="u")], max_lifetime_ms=-1
    )

    # Kafka 3.9.1
    assert_encoded(value, 0, "00000001000455736572000175ffffffffffffffff")


def test_the_last_request() -> None:
    value = CreateDelegationTokenRequest(
        renewers=[CreatableRenewers(principal_type="User", principal_name="u")], max_lifetime_ms=-1
    )

    # Kafka 4.3.1
    assert_encoded(value, 3, "0000020555736572027500ffffffffffffffff00")


def test_the_first_response() -> None:
    value = CreateDelegationTokenResponse(
        error_code=64,
        principal_type="User",
        principal_name="u",
        issue_timestamp_ms=-1,
        expiry_timestamp_ms=1,
        max_timestamp_ms=2,
        token_id="t",
        hmac=b"h",
    )

    # Kafka 3.9.1
    assert_encoded(
        value,
        0,
        "0040000455736572000175ffffffffffffffff0000000000000001000000000000000200"
        "0174000000016800000000",
    )


def test_the_last_response() -> None:
    value = CreateDelegationTokenResponse(
        error_code=64,
        principal_type="User",
        principal_name="u",
        issue_timestamp_ms=-1,
        expiry_timestamp_ms=1,
        max_timestamp_ms=2,
        token_id="t",
        hmac=b"h",
    )

    # Kafka 4.3.1
    assert_encoded(
        value,
        3,
        "0040055573657202750101ffffffffffffffff00000000000000010000000000000002027402680000000000",
    )
