"""SCRAM credentials: what is kept is what RFC 5802 and RFC 7677 say."""

import base64
import hashlib

import pytest

from kafkacompat.metadata.image import MetadataImage
from kafkacompat.metadata.scram_commands import Wish, alter_credentials
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.metadata_records.security import (
    RemoveUserScramCredentialRecord,
    UserScramCredentialRecord,
)
from kafkacompat_protocol.metadata_records.settings import FeatureLevelRecord
from tests.kafkacompat.metadata.test_image import built

SALT = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
SALTED = hashlib.pbkdf2_hmac("sha256", b"pencil", SALT, 4096)
"""User, password and salt of the example in RFC 7677."""
SERVER_KEY_SAYS = "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
EXCHANGE = (
    "n=user,r=rOprNGfwEbeRWgbNEkqO,"
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
)


def outcome(*wishes: Wish, image: MetadataImage | None = None) -> list[tuple[str, int, str | None]]:
    _, errors = alter_credentials(image or MetadataImage(), wishes)
    return [
        (user, 0 if error is None else error.code, None if error is None else error.message)
        for user, error in errors.items()
    ]


def test_the_keys_are_those_of_the_rfcs_example() -> None:
    import hmac

    (record,), errors = alter_credentials(MetadataImage(), [Wish("user", 1, 4096, SALT, SALTED)])

    assert errors == {"user": None}
    assert isinstance(record, UserScramCredentialRecord)
    signature = hmac.digest(record.server_key, EXCHANGE.encode(), "sha256")
    assert base64.b64encode(signature).decode() == SERVER_KEY_SAYS
    client_key = hmac.digest(SALTED, b"Client Key", "sha256")
    assert record.stored_key == hashlib.sha256(client_key).digest()
    assert (record.salt, record.iterations) == (SALT, 4096)


def test_a_credential_that_is_there_can_go() -> None:
    records, _ = alter_credentials(MetadataImage(), [Wish("user", 2, 4096, SALT, SALTED)])
    image = built(*records)

    assert alter_credentials(image, [Wish("user", 2)]) == (
        [RemoveUserScramCredentialRecord(name="user", mechanism=2)],
        {"user": None},
    )
    missing = "Attempt to delete a user credential that does not exist"
    assert outcome(Wish("user", 1), image=image) == [
        ("user", ErrorCode.RESOURCE_NOT_FOUND, missing)
    ]


@pytest.mark.parametrize(
    ("wish", "code", "message"),
    [
        (Wish("", 1, 4096, SALT, SALTED), 93, "Username must not be empty"),
        (Wish("u", 0, 4096, SALT, SALTED), 33, "Unknown SCRAM mechanism"),
        (Wish("u", 3), 33, "Unknown SCRAM mechanism"),
        (Wish("u", 1, 4095, SALT, SALTED), 93, "Too few iterations"),
        (Wish("u", 1, 16_385, SALT, SALTED), 93, "Too many iterations"),
        (Wish("u", 1, 4096, SALT, b""), 93, "The salted password must not be empty"),
    ],
)
def test_a_wish_that_cannot_be_granted_does_not_spoil_others(
    wish: Wish, code: int, message: str
) -> None:
    records, errors = alter_credentials(MetadataImage(), [wish, Wish("v", 1, 4096, SALT, SALTED)])

    assert [record.name for record in records] == ["v"]
    error = errors[wish.user]
    assert error is not None
    assert (error.code, error.message, errors["v"]) == (code, message, None)


def test_one_user_is_altered_once_in_a_request() -> None:
    twice = [Wish("u", 1, 4096, SALT, SALTED), Wish("u", 2, 4096, SALT, SALTED)]

    message = "A user credential cannot be altered twice in the same request"
    assert outcome(*twice) == [("u", ErrorCode.DUPLICATE_RESOURCE, message)]


def test_an_older_cluster_has_no_credentials() -> None:
    image = built(FeatureLevelRecord(name="metadata.version", feature_level=10))

    ((_, code, _),) = outcome(Wish("u", 1, 4096, SALT, SALTED), image=image)
    assert code == ErrorCode.UNSUPPORTED_VERSION
