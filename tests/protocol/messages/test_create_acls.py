"""CreateAcls, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.create_acls import (
    AclCreation,
    AclCreationResult,
    CreateAclsRequest,
    CreateAclsResponse,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    value = CreateAclsRequest(
        creations=[
            AclCreation(
                resource_type=2,
                resource_name="t",
                principal="User:u",
                host="*",
                operation=3,
                permission_type=3,
            )
        ]
    )

    # Kafka 3.9.1
    assert_encoded(value, 0, "00000001020001740006557365723a7500012a0303")


def test_the_last_request() -> None:
    value = CreateAclsRequest(
        creations=[
            AclCreation(
                resource_type=2,
                resource_name="t",
                principal="User:u",
                host="*",
                operation=3,
                permission_type=3,
            )
        ]
    )

    # Kafka 4.3.1
    assert_encoded(value, 3, "020202740307557365723a75022a03030000")


def test_the_first_response() -> None:
    value = CreateAclsResponse(results=[AclCreationResult(error_code=54, error_message="no")])

    # Kafka 3.9.1
    assert_encoded(value, 0, "0000000000000001003600026e6f")


def test_the_last_response() -> None:
    value = CreateAclsResponse(results=[AclCreationResult(error_code=54, error_message="no")])

    # Kafka 4.3.1
    assert_encoded(value, 3, "00000000020036036e6f0000")
