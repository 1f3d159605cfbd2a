"""DescribeUserScramCredentials, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.describe_user_scram_credentials import (
    CredentialInfo,
    DescribeUserScramCredentialsRequest,
    DescribeUserScramCredentialsResponse,
    DescribeUserScramCredentialsResult,
    UserName,
)
from tests.support.encoded import assert_encoded


def test_the_request() -> None:
    value = DescribeUserScramCredentialsRequest(users=[UserName(name="u")])

    # Kafka 4.3.1
    assert_encoded(value, 0, "0202750000")


def test_the_response() -> None:
    value = DescribeUserScramCredentialsResponse(
        error_code=0,
        error_message=None,
        results=[
            DescribeUserScramCredentialsResult(
                user="u",
                error_code=0,
                error_message=None,
                credential_infos=[CredentialInfo(mechanism=1, iterations=4096)],
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(value, 0, "00000000000000020275000000020100001000000000")
