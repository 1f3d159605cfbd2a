"""Request headers v0-v2 and response headers v0-v1, and which message uses which.

A flexible request has header v2 (client_id keeps its 2-byte length, tagged fields follow), any
other v1. A flexible response has header v1, but for ApiVersions, whose header is always v0 so
that a client can read it before it knows the broker (KIP-511). Header v0 (no client_id) was
only ever ControlledShutdown's.

Spec: KIP-482, KIP-511.
"""

import struct
from typing import NamedTuple

from kafkacompat_protocol.codegen import MAX_TAGGED_FIELDS
from kafkacompat_protocol.errors import WireError
from kafkacompat_protocol.primitives import Buffer, read_uvarint
from kafkacompat_protocol.schema import schema_of

FIXED = struct.Struct(">hhih")
assert FIXED.size == 10
API_VERSIONS_KEY = 18


class RequestHeader(NamedTuple):
    """What stands before every request."""

    api_key: int
    api_version: int
    correlation_id: int
    client_id: str | None


def read_request_header(buf: Buffer, pos: int = 0) -> tuple[RequestHeader, int]:
    """Read a request header up to its client_id; return it and the position after it.

    The tagged fields of a flexible header follow: `skip_tagged_fields` passes over them.

    Errors: WireError.
    """
    try:
        key, version, correlation_id, size = FIXED.unpack_from(buf, pos)
        pos += 10
        if size < 0:
            if size != -1:
                raise WireError("client_id has a negative length")
            return RequestHeader(key, version, correlation_id, None), pos
        end = pos + size
        if end > len(buf):
            raise WireError("client_id runs past the end of the request")
        client_id = str(buf[pos:end], "utf-8")
    except (struct.error, UnicodeDecodeError) as error:
        raise WireError(f"request header: {error}") from error
    return RequestHeader(key, version, correlation_id, client_id), end


def skip_tagged_fields(buf: Buffer, pos: int) -> int:
    """Return the position after a set of tagged fields, none of which is kept.

    Errors: WireError.
    """
    try:
        count, pos = read_uvarint(buf, pos)
        if count > MAX_TAGGED_FIELDS:
            raise WireError("too many tagged fields in a header")
        for _ in range(count):
            _, pos = read_uvarint(buf, pos)
            size, pos = read_uvarint(buf, pos)
            pos += size
    except IndexError as error:
        raise WireError("tagged fields run past the end of the request") from error
    if pos > len(buf):
        raise WireError("tagged fields run past the end of the request")
    return pos


def encode_request_header(header: RequestHeader, flexible: bool) -> bytes:
    """Return a request header, v2 if `flexible`, else v1."""
    client_id = None if header.client_id is None else header.client_id.encode()
    size = -1 if client_id is None else len(client_id)
    fixed = FIXED.pack(header.api_key, header.api_version, header.correlation_id, size)
    return fixed + (client_id or b"") + (b"\x00" if flexible else b"")


def is_flexible(cls: type, version: int) -> bool:
    """Whether a version of this message has compact lengths and tagged fields."""
    return version in schema_of(cls).flexible


def response_header_size(response: type, version: int) -> int:
    """Return how many bytes stand between the frame's size and the response: 4 or 5."""
    schema = schema_of(response)
    has_tags = version in schema.flexible and schema.key != API_VERSIONS_KEY
    return 5 if has_tags else 4
