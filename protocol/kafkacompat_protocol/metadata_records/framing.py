"""How a record of `__cluster_metadata` lies in the value of a Kafka record.

    frame version (unsigned varint, 1)  record key (unsigned varint)
    record version (unsigned varint)    body

Control records (leader changes, snapshot headers) have a key and no frame: see `control.py`.

Spec: KIP-595, KIP-631.
"""

from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from kafkacompat_protocol.codec import decode, encode
from kafkacompat_protocol.errors import WireError
from kafkacompat_protocol.metadata_records._index import MODULES
from kafkacompat_protocol.primitives import Buffer, encode_uvarint, read_uvarint
from kafkacompat_protocol.schema import Struct, schema_of

FRAME_VERSION = 1


class MetadataRecord(NamedTuple):
    """A record read: `value` is None when we do not know its key or version (keep its bytes)."""

    key: int
    version: int
    value: Any | None


@cache
def record_class(key: int) -> Any:
    """Return the class of the records of `key`. Errors: KeyError when there is none."""
    module = import_module(f"kafkacompat_protocol.metadata_records.{MODULES[key]}")
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Struct) and value is not Struct:
            schema = schema_of(value)
            if schema.is_message and schema.key == key:
                return value
    raise KeyError(key)


def encode_record(value: object, version: int) -> bytes:
    """Return the framed form of a metadata record."""
    key = schema_of(type(value)).key
    assert key is not None
    head = encode_uvarint(FRAME_VERSION) + encode_uvarint(key) + encode_uvarint(version)
    return head + encode(value, version)


def decode_record(buf: Buffer) -> MetadataRecord:
    """Read a framed metadata record.

    Errors: WireError when the frame or a body that we know makes no sense.
    """
    try:
        frame, pos = read_uvarint(buf, 0)
        key, pos = read_uvarint(buf, pos)
        version, pos = read_uvarint(buf, pos)
    except IndexError as error:
        raise WireError("metadata record ends in its frame") from error
    if frame != FRAME_VERSION:
        raise WireError(f"metadata record with frame version {frame}")
    if key not in MODULES or version not in schema_of(record_class(key)).versions:
        return MetadataRecord(key, version, None)
    return MetadataRecord(key, version, decode(record_class(key), version, buf[pos:]))
