"""AlterUserScramCredentials, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.alter_user_scram_credentials import (
    AlterUserScramCredentialsRequest,
    AlterUserScramCredentialsResponse,
    AlterUserScramCredentialsResult,
    ScramCredentialDeletion,
    ScramCredentialUpsertion,
)
from tests.support.encoded import assert_encoded


def test_the_request() -> None:
    value = AlterUserScramCredentialsRequest(
        deletions=[ScramCredentialDeletion(name="u", mechanism=1)],
        upsertions=[
            ScramCredentialUpsertion(
                name="v", mechanism=2, iterations=4096, salt=b"s", salted_password=b"p"
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(value, 0, "02027501000202760200001000027302700000")


def test_the_response() -> None:
    value = AlterUserScramCredentialsResponse(
        results=[AlterUserScramCredentialsResult(user="u", error_code=0, error_message=None)]
    )

    # Kafka 4.3.1
    assert_encoded(value, 0, "000000000202750000000000")
