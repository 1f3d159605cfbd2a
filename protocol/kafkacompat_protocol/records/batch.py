"""The record batch, format v2: read its header, check it, patch it in place, frame a payload.

    base_offset int64 | batch_length int32 | partition_leader_epoch int32 | magic int8 |
    crc uint32 | attributes int16 | last_offset_delta int32 | base_timestamp int64 |
    max_timestamp int64 | producer_id int64 | producer_epoch int16 | base_sequence int32 |
    record_count int32 | records

`batch_length` counts what follows it. `crc` is CRC-32C of everything from `attributes` on, so
that a broker may give the batch its offset and leader epoch without touching the CRC.

Spec: https://kafka.apache.org/documentation/#recordbatch (KIP-98).
"""

from collections.abc import Iterator
from struct import Struct
from typing import Final, NamedTuple

from ..errors import ErrorCode, KafkaError
from .crc import crc32c

Buffer = bytes | bytearray | memoryview
"""What a reader accepts; the patching functions need a writable one."""

HEADER: Final = Struct(">qiibIhiqqqhii")
HEADER_SIZE: Final = 61
assert HEADER.size == HEADER_SIZE

LENGTH_AT: Final = 8
LEADER_EPOCH_AT: Final = 12
MAGIC_AT: Final = 16
CRC_AT: Final = 17
ATTRIBUTES_AT: Final = 21
MAX_TIMESTAMP_AT: Final = 35
LOG_OVERHEAD: Final = 12
"""Bytes before those that `batch_length` counts."""
LEAST_BATCH_LENGTH: Final = HEADER_SIZE - LOG_OVERHEAD

MAGIC: Final = 2
COMPRESSION_MASK: Final = 0x07
LOG_APPEND_TIME_BIT: Final = 0x08
TRANSACTIONAL_BIT: Final = 0x10
CONTROL_BIT: Final = 0x20
DELETE_HORIZON_BIT: Final = 0x40

LAST_SEQUENCE_NUMBER: Final = 0x7FFFFFFF
"""After this sequence number comes 0."""

_offset_and_length = Struct(">qi")
_int64 = Struct(">q")
_int32 = Struct(">i")
_uint32 = Struct(">I")
_int16 = Struct(">h")


class BatchHeader(NamedTuple):
    """The 61 bytes before a batch's records, in wire order."""

    base_offset: int
    batch_length: int
    partition_leader_epoch: int
    magic: int
    crc: int
    attributes: int
    last_offset_delta: int
    base_timestamp: int
    max_timestamp: int
    producer_id: int
    producer_epoch: int
    base_sequence: int
    record_count: int

    @property
    def size(self) -> int:
        """Bytes of the whole batch."""
        return self.batch_length + LOG_OVERHEAD

    @property
    def last_offset(self) -> int:
        return self.base_offset + self.last_offset_delta

    @property
    def next_offset(self) -> int:
        return self.base_offset + self.last_offset_delta + 1

    @property
    def compression(self) -> int:
        """0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd."""
        return self.attributes & COMPRESSION_MASK

    @property
    def timestamp_type(self) -> int:
        """0 create time, 1 log append time."""
        return (self.attributes & LOG_APPEND_TIME_BIT) >> 3

    @property
    def is_transactional(self) -> bool:
        return bool(self.attributes & TRANSACTIONAL_BIT)

    @property
    def is_control(self) -> bool:
        return bool(self.attributes & CONTROL_BIT)

    @property
    def delete_horizon_ms(self) -> int | None:
        """When its tombstones may go (KIP-534); kept in place of the base timestamp."""
        return self.base_timestamp if self.attributes & DELETE_HORIZON_BIT else None

    @property
    def last_sequence(self) -> int:
        """Sequence number of the last record, -1 without a producer."""
        return sequence_after(self.base_sequence, self.last_offset_delta)


def sequence_after(sequence: int, steps: int) -> int:
    """Advance a sequence number, which wraps to 0 after 2^31 - 1; -1 (none) stays."""
    if sequence < 0:
        return sequence
    return (sequence + steps) & LAST_SEQUENCE_NUMBER


def read_header(buffer: Buffer, position: int = 0) -> BatchHeader:
    """Unpack the header at `position` and check that its fields can be a batch's.

    Errors: CORRUPT_MESSAGE.
    """
    if position + HEADER_SIZE > len(buffer):
        raise KafkaError(ErrorCode.CORRUPT_MESSAGE, "shorter than a batch header")
    header = BatchHeader._make(HEADER.unpack_from(buffer, position))
    if header.magic != MAGIC:
        raise KafkaError(ErrorCode.CORRUPT_MESSAGE, f"message format {header.magic}")
    if header.batch_length < LEAST_BATCH_LENGTH:
        raise KafkaError(ErrorCode.CORRUPT_MESSAGE, f"batch length {header.batch_length}")
    if header.last_offset_delta < 0:
        raise KafkaError(ErrorCode.CORRUPT_MESSAGE, f"last offset delta {header.last_offset_delta}")
    return header


def compute_crc(buffer: Buffer, position: int, size: int) -> int:
    """CRC-32C as the header should have it, of the batch of `size` bytes at `position`."""
    with memoryview(buffer) as view:
        return crc32c(view[position + ATTRIBUTES_AT : position + size])


def check_crc(buffer: Buffer, position: int, size: int) -> bool:
    """Whether the batch of `size` bytes at `position` is whole and carries the right CRC."""
    if size < HEADER_SIZE or position + size > len(buffer):
        return False
    (stored,) = _uint32.unpack_from(buffer, position + CRC_AT)
    return bool(stored == compute_crc(buffer, position, size))


def read_batches(buffer: Buffer) -> Iterator[tuple[int, BatchHeader]]:
    """Yield (position, header) of each batch; every one must be whole.

    CRCs are not looked at. Errors: CORRUPT_MESSAGE, at the first batch that cannot be one.
    """
    position, end = 0, len(buffer)
    while position < end:
        header = read_header(buffer, position)
        if position + header.size > end:
            raise KafkaError(ErrorCode.CORRUPT_MESSAGE, "batch longer than what was sent")
        yield position, header
        position += header.size


def whole_batches(buffer: Buffer, position: int, end: int) -> int:
    """Position after the last batch that ends at or before `end`, walking from `position`.

    Trusts the batches (they come from a log); stops at a length that cannot be.
    """
    while position + LOG_OVERHEAD <= end:
        _, length = _offset_and_length.unpack_from(buffer, position)
        following = position + LOG_OVERHEAD + length
        if length < LEAST_BATCH_LENGTH or following > end:
            break
        position = following
    return position


def patch_base_offset(buffer: bytearray | memoryview, position: int, base_offset: int) -> None:
    """Give the batch at `position` its offset; the CRC does not cover it."""
    _int64.pack_into(buffer, position, base_offset)


def patch_leader_epoch(buffer: bytearray | memoryview, position: int, leader_epoch: int) -> None:
    """Give the batch at `position` its leader epoch; the CRC does not cover it."""
    _int32.pack_into(buffer, position + LEADER_EPOCH_AT, leader_epoch)


def patch_log_append_time(
    buffer: bytearray | memoryview, position: int, size: int, now_ms: int
) -> None:
    """Stamp the batch with the broker's time, for all its records, and recompute the CRC."""
    (attributes,) = _int16.unpack_from(buffer, position + ATTRIBUTES_AT)
    _int16.pack_into(buffer, position + ATTRIBUTES_AT, attributes | LOG_APPEND_TIME_BIT)
    patch_max_timestamp(buffer, position, size, now_ms)


def patch_max_timestamp(
    buffer: bytearray | memoryview, position: int, size: int, timestamp_ms: int
) -> None:
    """Give the batch another largest timestamp, and recompute the CRC."""
    _int64.pack_into(buffer, position + MAX_TIMESTAMP_AT, timestamp_ms)
    _uint32.pack_into(buffer, position + CRC_AT, compute_crc(buffer, position, size))


def build_batch(
    payload: Buffer,
    *,
    base_offset: int,
    record_count: int,
    base_timestamp: int,
    max_timestamp: int,
    compression: int = 0,
    timestamp_type: int = 0,
    producer_id: int = -1,
    producer_epoch: int = -1,
    base_sequence: int = -1,
    is_transactional: bool = False,
    is_control: bool = False,
    partition_leader_epoch: int = -1,
    last_offset_delta: int | None = None,
    delete_horizon_ms: int | None = None,
) -> bytearray:
    """Frame encoded (and compressed, as `compression` says) records as one batch.

    `last_offset_delta` is record_count - 1 unless compaction left holes. A delete horizon takes the
    place of the base timestamp: the records' deltas must be relative to it.
    """
    attributes = compression | (timestamp_type << 3)
    if is_transactional:
        attributes |= TRANSACTIONAL_BIT
    if is_control:
        attributes |= CONTROL_BIT
    if delete_horizon_ms is not None:
        attributes |= DELETE_HORIZON_BIT
        base_timestamp = delete_horizon_ms
    batch = bytearray(HEADER_SIZE)
    batch += payload
    HEADER.pack_into(
        batch,
        0,
        base_offset,
        len(batch) - LOG_OVERHEAD,
        partition_leader_epoch,
        MAGIC,
        0,
        attributes,
        record_count - 1 if last_offset_delta is None else last_offset_delta,
        base_timestamp,
        max_timestamp,
        producer_id,
        producer_epoch,
        base_sequence,
        record_count,
    )
    _uint32.pack_into(batch, CRC_AT, compute_crc(batch, 0, len(batch)))
    return batch
