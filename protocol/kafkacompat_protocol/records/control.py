"""Control records: what a control batch says, and the markers that end a transaction.

A control batch holds one record. Its key is `version int16, type int16`; the value's layout depends
on the type. An end-of-transaction marker's value is `version int16, coordinator_epoch int32`.

Spec: KIP-98 (markers), KIP-595 and KIP-630 (leader change, snapshot header and footer), KIP-853.
"""

from enum import IntEnum
from struct import Struct
from typing import Final, NamedTuple

from ..errors import ErrorCode, KafkaError
from ..primitives import encode_varint
from .batch import HEADER_SIZE, Buffer, build_batch, read_header

CONTROL_KEY: Final = Struct(">hh")
assert CONTROL_KEY.size == 4
END_TXN_MARKER: Final = Struct(">hi")
assert END_TXN_MARKER.size == 6

_LONGEST_VARINT: Final = 10


class ControlRecordType(IntEnum):
    """Numbers as in the key of a control record; others may exist and must be skipped."""

    ABORT = 0
    COMMIT = 1
    LEADER_CHANGE = 2
    SNAPSHOT_HEADER = 3
    SNAPSHOT_FOOTER = 4
    KRAFT_VERSION = 5
    KRAFT_VOTERS = 6


class ControlRecord(NamedTuple):
    """The only record of a control batch; `type` is a ControlRecordType's number if we know it."""

    version: int
    type: int
    value: bytes


class EndTxnMarker(NamedTuple):
    """The value of an ABORT or COMMIT record."""

    version: int
    coordinator_epoch: int


def read_control_record(batch: Buffer, position: int = 0) -> ControlRecord:
    """Return the control record of the (never compressed) control batch at `position`.

    Errors: CORRUPT_MESSAGE.
    """
    header = read_header(batch, position)
    end = position + header.size
    if not header.is_control or header.record_count < 1 or end > len(batch):
        raise KafkaError(ErrorCode.CORRUPT_MESSAGE, "not a whole control batch")
    _, at = _varint(batch, position + HEADER_SIZE, end)
    at += 1  # attributes, unused
    for _ in ("timestamp delta", "offset delta"):
        _, at = _varint(batch, at, end)
    key, at = _field(batch, at, end)
    value, _ = _field(batch, at, end)
    if len(key) < CONTROL_KEY.size:
        raise KafkaError(ErrorCode.CORRUPT_MESSAGE, "control record's key is too short")
    version, kind = CONTROL_KEY.unpack_from(key)
    return ControlRecord(version, kind, value)


def read_end_txn_marker(record: ControlRecord) -> EndTxnMarker:
    """Return the value of an ABORT or COMMIT record. Errors: CORRUPT_MESSAGE."""
    if len(record.value) < END_TXN_MARKER.size:
        raise KafkaError(ErrorCode.CORRUPT_MESSAGE, "end-transaction marker is too short")
    return EndTxnMarker._make(END_TXN_MARKER.unpack_from(record.value))


def build_end_txn_batch(
    *,
    commit: bool,
    producer_id: int,
    producer_epoch: int,
    coordinator_epoch: int,
    timestamp_ms: int,
    base_offset: int = 0,
    partition_leader_epoch: int = -1,
) -> bytearray:
    """Build the batch that commits or aborts a producer's open transaction in a partition."""
    kind = ControlRecordType.COMMIT if commit else ControlRecordType.ABORT
    return build_control_batch(
        kind,
        END_TXN_MARKER.pack(0, coordinator_epoch),
        timestamp_ms=timestamp_ms,
        producer_id=producer_id,
        producer_epoch=producer_epoch,
        is_transactional=True,
        base_offset=base_offset,
        partition_leader_epoch=partition_leader_epoch,
    )


def build_control_batch(
    kind: ControlRecordType,
    value: bytes,
    *,
    timestamp_ms: int,
    version: int = 0,
    producer_id: int = -1,
    producer_epoch: int = -1,
    is_transactional: bool = False,
    base_offset: int = 0,
    partition_leader_epoch: int = -1,
) -> bytearray:
    """Build a control batch of one record; `value` is already encoded."""
    key = CONTROL_KEY.pack(version, kind)
    body = (
        b"\x00\x00\x00"
        + encode_varint(len(key))
        + key
        + encode_varint(len(value))
        + value
        + b"\x00"
    )
    return build_batch(
        encode_varint(len(body)) + body,
        base_offset=base_offset,
        record_count=1,
        base_timestamp=timestamp_ms,
        max_timestamp=timestamp_ms,
        producer_id=producer_id,
        producer_epoch=producer_epoch,
        is_transactional=is_transactional,
        is_control=True,
        partition_leader_epoch=partition_leader_epoch,
    )


def _field(buffer: Buffer, at: int, end: int) -> tuple[bytes, int]:
    """Read length-prefixed bytes (absent reads as empty); return them and what follows them."""
    length, at = _varint(buffer, at, end)
    if length <= 0:
        return b"", at
    if at + length > end:
        raise KafkaError(ErrorCode.CORRUPT_MESSAGE, "control record is longer than its batch")
    return bytes(buffer[at : at + length]), at + length


def _varint(buffer: Buffer, at: int, end: int) -> tuple[int, int]:
    """Read one zigzag varint; return it and the position after it."""
    number = shift = 0
    for index in range(at, min(end, at + _LONGEST_VARINT)):
        byte = buffer[index]
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (number >> 1) ^ -(number & 1), index + 1
        shift += 7
    raise KafkaError(ErrorCode.CORRUPT_MESSAGE, "control record is cut short")
