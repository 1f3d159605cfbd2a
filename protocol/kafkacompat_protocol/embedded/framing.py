"""Embedded structures as bytes: the version, int16, then the structure."""

import struct
from typing import Any

from kafkacompat_protocol.codec import MALFORMED, decoder, encode
from kafkacompat_protocol.codegen import MAX_ELEMENTS
from kafkacompat_protocol.errors import WireError
from kafkacompat_protocol.primitives import Buffer
from kafkacompat_protocol.schema import schema_of

VERSION = struct.Struct(">h")


def read_embedded(cls: Any, content: Buffer) -> Any:
    """Return the structure; of a version newer than ours, what we know of it.

    Errors: WireError.
    """
    if len(content) < VERSION.size:
        raise WireError(f"{cls.__name__} ends in its version")
    version: int = VERSION.unpack_from(content)[0]
    if version < 0:
        raise WireError(f"{cls.__name__} of version {version}")
    known = min(version, schema_of(cls).versions.last)
    try:
        found, _ = decoder(cls, known)(content[VERSION.size :], 0, MAX_ELEMENTS)
    except MALFORMED as error:
        raise WireError(f"{cls.__name__}: {error}") from None
    return found


def write_embedded(value: Any, version: int) -> bytes:
    """Return a structure as bytes."""
    return VERSION.pack(version) + encode(value, version)
