"""DescribeDelegationToken, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.describe_delegation_token import (
    DescribedDelegationToken,
    DescribedDelegationTokenRenewer,
    DescribeDelegationTokenOwner,
    DescribeDelegationTokenRequest,
    DescribeDelegationTokenResponse,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    value = DescribeDelegationTokenRequest(
        owners=[DescribeDelegationTokenOwner(principal_type="User", principal_name="u")]
    )

    # Kafka 3.9.1
    assert_encoded(value, 0, "00000001000455736572000175")


def test_the_last_request() -> None:
    value = DescribeDelegationTokenRequest(
        owners=[DescribeDelegationTokenOwner(principal_type="User", principal_name="u")]
    )

    # Kafka 4.3.1
    assert_encoded(value, 3, "02055573657202750000")


def test_the_first_response() -> None:
    value = DescribeDelegationTokenResponse(
        error_code=0,
        tokens=[
            DescribedDelegationToken(
                principal_type="User",
                principal_name="u",
                issue_timestamp=1,
                expiry_timestamp=2,
                max_timestamp=3,
                token_id="t",
                hmac=b"h",
                renewers=[
                    DescribedDelegationTokenRenewer(principal_type="User", principal_name="r")
                ],
            )
        ],
    )

    # Kafka 3.9.1
    assert_encoded(
        value,
        0,
        "000000000001000455736572000175000000000000000100000000000000020000000000"
        "00000300017400000001680000000100045573657200017200000000",
    )


def test_the_last_response() -> None:
    value = DescribeDelegationTokenResponse(
        error_code=0,
        tokens=[
            DescribedDelegationToken(
                principal_type="User",
                principal_name="u",
                issue_timestamp=1,
                expiry_timestamp=2,
                max_timestamp=3,
                token_id="t",
                hmac=b"h",
                renewers=[
                    DescribedDelegationTokenRenewer(principal_type="User", principal_name="r")
                ],
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(
        value,
        3,
        "000002055573657202750101000000000000000100000000000000020000000000000003"
        "02740268020555736572027200000000000000",
    )
