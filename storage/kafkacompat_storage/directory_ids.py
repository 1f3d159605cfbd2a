"""Ids of clusters, topics and log directories: 16 bytes, written in 22 characters of base64."""

import base64
import binascii
import os
from typing import Final

_BITS_OF_A_CHARACTER: Final = 6


def random_uuid() -> bytes:
    """Return the 16 bytes of a random UUID, version 4."""
    raw = bytearray(os.urandom(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    return bytes(raw)


def new_id() -> str:
    """Return a new random id; like Kafka's it does not begin with a dash."""
    while (text := encode_id(random_uuid())).startswith("-"):
        pass
    return text


def is_misread(identity: bytes, wanted: bytes) -> bool:
    """Whether one id is another with a garbled character: random ones are never so alike."""
    different = int.from_bytes(identity, "big") ^ int.from_bytes(wanted, "big")
    return 0 < different.bit_count() <= _BITS_OF_A_CHARACTER


def encode_id(identity: bytes) -> str:
    return base64.urlsafe_b64encode(identity).decode().rstrip("=")


def decode_id(text: str) -> bytes | None:
    """Return the 16 bytes, None if the text is no id."""
    try:
        identity = base64.urlsafe_b64decode(text + "==")
    except (ValueError, binascii.Error):
        return None
    return identity if len(identity) == 16 else None
