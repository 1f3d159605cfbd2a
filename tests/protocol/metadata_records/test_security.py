"""Records of security, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.metadata_records.security import (
    AccessControlEntryRecord,
    DelegationTokenRecord,
    RemoveAccessControlEntryRecord,
    RemoveDelegationTokenRecord,
    RemoveUserScramCredentialRecord,
    UserScramCredentialRecord,
)
from tests.support.encoded import assert_encoded


def test_an_acl() -> None:
    value = AccessControlEntryRecord(
        id=bytes(range(16)),
        resource_type=2,
        resource_name="t",
        pattern_type=3,
        principal="User:a",
        host="*",
        operation=3,
        permission_type=3,
    )

    # Kafka 4.3.1
    assert_encoded(value, 0, "000102030405060708090a0b0c0d0e0f0202740307557365723a61022a030300")


def test_a_removed_acl() -> None:
    value = RemoveAccessControlEntryRecord(id=bytes(range(16)))

    # Kafka 4.3.1
    assert_encoded(value, 0, "000102030405060708090a0b0c0d0e0f00")


def test_a_scram_credential() -> None:
    value = UserScramCredentialRecord(
        name="a",
        mechanism=1,
        salt=b"\x01\x02\x03",
        stored_key=b"\x01\x02\x03",
        server_key=b"\x01\x02\x03",
        iterations=4096,
    )

    # Kafka 4.3.1
    assert_encoded(value, 0, "0261010401020304010203040102030000100000")


def test_a_removed_scram_credential() -> None:
    value = RemoveUserScramCredentialRecord(name="a", mechanism=1)

    # Kafka 4.3.1
    assert_encoded(value, 0, "02610100")


def test_a_delegation_token() -> None:
    value = DelegationTokenRecord(
        owner="User:a",
        requester="User:b",
        renewers=["User:c"],
        issue_timestamp=1000,
        max_timestamp=3000,
        expiration_timestamp=2000,
        token_id="id",
    )

    # Kafka 4.3.1
    assert_encoded(
        value,
        0,
        "07557365723a6107557365723a620207557365723a6300000000000003e80000"
        "000000000bb800000000000007d003696400",
    )


def test_a_removed_delegation_token() -> None:
    value = RemoveDelegationTokenRecord(token_id="id")

    # Kafka 4.3.1
    assert_encoded(value, 0, "03696400")
