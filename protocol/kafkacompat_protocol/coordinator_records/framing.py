"""How a coordinator's record lies in the key and value of a Kafka record.

    key:   record type (int16), body      value: version (int16), body; null is a tombstone

Types count per topic: each topic's records are in a folder of their own. In `__consumer_offsets`
types 0 and 1 are both OffsetCommit. A key's body has version 0, whatever the type.

Spec: KIP-98, KIP-848 (record types), KIP-915 (flexible values).
"""

import struct
from functools import cache
from importlib import import_module
from typing import Any, Literal, NamedTuple

from kafkacompat_protocol.codec import decode, encode
from kafkacompat_protocol.errors import WireError
from kafkacompat_protocol.primitives import Buffer
from kafkacompat_protocol.schema import schema_of

INT16 = struct.Struct(">h")
LEGACY_OFFSET_COMMIT = 0
OFFSET_COMMIT = 1

Topic = Literal["group", "transaction", "share"]
"""Whose records: the folder of `__consumer_offsets`, `__transaction_state` or
`__share_group_state`."""


class CoordinatorRecord(NamedTuple):
    """A record read: `key` is None when we do not know its type; `value` None is a tombstone."""

    type: int
    key: Any | None
    value: Any | None


@cache
def _classes(topic: Topic, record_type: int) -> tuple[Any, Any] | None:
    """Return the classes of key and value; None for a type that we do not know."""
    folder = f"kafkacompat_protocol.coordinator_records.{topic}"
    name = import_module(f"{folder}._index").MODULES.get(record_type)
    if name is None:
        return None
    module = import_module(f"{folder}.{name}")
    stem = "".join(part.capitalize() for part in name.split("_"))
    return getattr(module, f"{stem}Key"), getattr(module, f"{stem}Value")


def encode_key(key: object) -> bytes:
    """Return a record's key."""
    record_type = schema_of(type(key)).key
    assert record_type is not None
    return INT16.pack(record_type) + encode(key, 0)


def encode_value(value: object, version: int) -> bytes:
    """Return a record's value."""
    return INT16.pack(version) + encode(value, version)


def decode_record(topic: Topic, key: Buffer, value: Buffer | None) -> CoordinatorRecord:
    """Read a record of a coordinator's topic.

    Errors: WireError for bytes that make no sense, or a version that we do not know.
    """
    record_type = _read_int16(key)
    if record_type == LEGACY_OFFSET_COMMIT and topic == "group":
        record_type = OFFSET_COMMIT
    classes = _classes(topic, record_type)
    if classes is None:
        return CoordinatorRecord(record_type, None, None)
    key_class, value_class = classes
    decoded = decode(key_class, 0, key[2:])
    if value is None:
        return CoordinatorRecord(record_type, decoded, None)
    version = _read_int16(value)
    if version not in schema_of(value_class).versions:
        raise WireError(f"{value_class.__name__} of version {version}")
    return CoordinatorRecord(record_type, decoded, decode(value_class, version, value[2:]))


def _read_int16(buf: Buffer) -> int:
    if len(buf) < INT16.size:
        raise WireError("coordinator record ends in its type or version")
    found: int = INT16.unpack_from(buf)[0]
    return found
