"""Decode and encode messages through functions compiled on first use, per class and version.

`decode` and `encode` are for general use. The server takes the compiled functions themselves
(`decoder`, `encoder`) and catches `MALFORMED`.
"""

import struct
from collections.abc import Callable
from typing import Any, TypeVar

from kafkacompat_protocol.codegen import MAX_ELEMENTS
from kafkacompat_protocol.errors import WireError
from kafkacompat_protocol.primitives import Buffer
from kafkacompat_protocol.schema import Struct, schema_of

T = TypeVar("T")
Decode = Callable[[Buffer, int, int], tuple[Any, int]]
Encode = Callable[[Any, bytearray], list[Buffer]]

# What a compiled decode function raises on bytes that make no sense.
MALFORMED = (WireError, struct.error, IndexError, UnicodeDecodeError)

_decoders: dict[tuple[type, int], Decode] = {}
_encoders: dict[tuple[type, int], Encode] = {}


def decoder(cls: type, version: int) -> Decode:
    """Return the compiled `decode(buf, pos, room) -> (object, end)` of a message version.

    `buf` must end where the message may end at the latest; `room` bounds the array elements.
    """
    found = _decoders.get((cls, version))
    if found is None:
        from kafkacompat_protocol.compile_decode import compile_decode

        found = _decoders[cls, version] = compile_decode(_checked(cls, version), version)
    return found


def encoder(cls: type, version: int) -> Encode:
    """Return the compiled `encode(message, w) -> [buffers]` of a message version."""
    found = _encoders.get((cls, version))
    if found is None:
        from kafkacompat_protocol.compile_encode import compile_encode

        found = _encoders[cls, version] = compile_encode(_checked(cls, version), version)
    return found


def _checked(cls: type, version: int) -> Any:
    schema = schema_of(cls)
    if version not in schema.versions:
        raise ValueError(f"{schema.name} has no version {version}")
    return schema


def decode(cls: type[T], version: int, buf: Buffer, *, max_elements: int = MAX_ELEMENTS) -> T:
    """Read one message that fills `buf`.

    `Records` fields are views into `buf`; all else is copied.

    Errors: WireError when the bytes make no sense or go on after the message.
    """
    try:
        value, end = decoder(cls, version)(buf, 0, max_elements)
    except MALFORMED as error:
        raise WireError(f"{cls.__name__} v{version}: {error}") from error
    if end != len(buf):
        raise WireError(f"{cls.__name__} v{version}: {len(buf) - end} bytes too many")
    return value  # type: ignore[no-any-return]


def encode(value: object, version: int) -> bytes:
    """Return the wire form of one message, in one piece."""
    assert isinstance(value, Struct)
    return b"".join(encoder(type(value), version)(value, bytearray()))
