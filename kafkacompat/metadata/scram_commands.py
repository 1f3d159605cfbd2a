"""SCRAM credentials of users: from an image and a wish to records. Pure.

What is kept proves a password and does not give it away (RFC 5802); nothing shows it.

Spec: KIP-554, KIP-900.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from kafkacompat.metadata.image import MetadataImage
from kafkacompat.metadata.record_versions import LEVEL_3_5_SCRAM, NEWEST_LEVEL
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.metadata_records.security import (
    RemoveUserScramCredentialRecord,
    UserScramCredentialRecord,
)

MIN_ITERATIONS = 4_096
MAX_ITERATIONS = 16_384


class Mechanism(IntEnum):
    """The SCRAM mechanisms, numbered as on the wire."""

    SCRAM_SHA_256 = 1
    SCRAM_SHA_512 = 2


HASHES = {Mechanism.SCRAM_SHA_256: "sha256", Mechanism.SCRAM_SHA_512: "sha512"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to become of one credential; without `salted_password` it is to go."""

    user: str
    mechanism: int
    iterations: int = 0
    salt: bytes = b""
    salted_password: bytes | None = None


def alter_credentials(
    image: MetadataImage, wishes: Sequence[Wish]
) -> tuple[list[Any], dict[str, KafkaError | None]]:
    """Return the records of all wishes that can be granted, and each user's error.

    Errors, per user: DUPLICATE_RESOURCE, UNACCEPTABLE_CREDENTIAL, UNSUPPORTED_SASL_MECHANISM,
    RESOURCE_NOT_FOUND, UNSUPPORTED_VERSION.
    """
    often = Counter(wish.user for wish in wishes)
    records: list[Any] = []
    errors: dict[str, KafkaError | None] = {}
    for wish in wishes:
        try:
            records.append(_record(image, wish, often[wish.user]))
        except KafkaError as error:
            errors[wish.user] = error
        else:
            errors[wish.user] = None
    return records, errors


def _record(image: MetadataImage, wish: Wish, times: int) -> Any:
    if times > 1:
        raise KafkaError(
            ErrorCode.DUPLICATE_RESOURCE,
            "A user credential cannot be altered twice in the same request",
        )
    if not wish.user:
        raise KafkaError(ErrorCode.UNACCEPTABLE_CREDENTIAL, "Username must not be empty")
    if wish.mechanism not in tuple(Mechanism):
        raise KafkaError(ErrorCode.UNSUPPORTED_SASL_MECHANISM, "Unknown SCRAM mechanism")
    if image.features.get("metadata.version", NEWEST_LEVEL) < LEVEL_3_5_SCRAM:
        raise KafkaError(
            ErrorCode.UNSUPPORTED_VERSION,
            "The current metadata version does not support SCRAM",
        )
    if wish.salted_password is None:
        if (wish.user, wish.mechanism) not in image.credentials:
            raise KafkaError(
                ErrorCode.RESOURCE_NOT_FOUND,
                "Attempt to delete a user credential that does not exist",
            )
        return RemoveUserScramCredentialRecord(name=wish.user, mechanism=wish.mechanism)
    return _credential(wish, wish.salted_password)


def _credential(wish: Wish, salted_password: bytes) -> UserScramCredentialRecord:
    reason = None
    if wish.iterations < MIN_ITERATIONS:
        reason = "Too few iterations"
    elif wish.iterations > MAX_ITERATIONS:
        reason = "Too many iterations"
    elif not salted_password:
        reason = "The salted password must not be empty"
    if reason is not None:
        raise KafkaError(ErrorCode.UNACCEPTABLE_CREDENTIAL, reason)
    name = HASHES[Mechanism(wish.mechanism)]
    client_key = hmac.digest(salted_password, b"Client Key", name)
    return UserScramCredentialRecord(
        name=wish.user,
        mechanism=wish.mechanism,
        salt=wish.salt,
        stored_key=hashlib.new(name, client_key).digest(),
        server_key=hmac.digest(salted_password, b"Server Key", name),
        iterations=wish.iterations,
    )
