"""One batch: what stays of it, with its offsets as they were.

A batch of which everything stays is not touched. In another the records that stay are copied as
they lie; its base offset, its last offset and its base sequence are those of the whole batch.

Spec: KIP-534 (delete horizon), KIP-98 (the last batch of a producer stays, be it empty).
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from kafkacompat_protocol.errors import KafkaError, WireError
from kafkacompat_protocol.records.batch import (
    HEADER_SIZE,
    LOG_APPEND_TIME_BIT,
    BatchHeader,
    build_batch,
)
from kafkacompat_protocol.records.compression import DEFAULT_MAX_BYTES, compress, decompress

from ..files import Buffer
from .offset_map import OffsetMap
from .records import BadRecords, Kept, choose, latest_timestamp, map_keys, shifted

MAX_DECOMPRESSED_BYTES: Final = DEFAULT_MAX_BYTES


class LastOfProducer(NamedTuple):
    """The last batch of a live producer: `last_offset`, or -1 if only its epoch is known."""

    last_offset: int
    epoch: int

    def is_it(self, header: BatchHeader) -> bool:
        """Whether a batch of this producer is its last."""
        if self.last_offset >= 0:
            return header.last_offset == self.last_offset
        return header.is_control and header.producer_epoch == self.epoch


class Fate(NamedTuple):
    """What is known of a batch before its records are looked at."""

    goes: bool
    """Of an aborted transaction, or a marker that nothing needs any more."""
    must_stay: bool
    """If only as an empty batch."""
    delete_retention_ms: int
    now_ms: int


def payload_of(header: BatchHeader, content: Buffer) -> bytes:
    """Return a batch's records, decompressed. Errors: BadRecords."""
    packed = memoryview(content)[HEADER_SIZE : header.size]
    if not header.record_count and not packed:
        return b""
    try:
        payload = decompress(header.compression, packed, max_bytes=MAX_DECOMPRESSED_BYTES)
    except KafkaError as error:
        raise BadRecords(str(error)) from error
    return bytes(payload)


def map_batch(header: BatchHeader, content: Buffer, first: int, known: OffsetMap) -> Iterator[None]:
    """Enter a batch's keys from offset `first` on; afterwards `known.end` says how far it came.

    Errors: BadRecords.
    """
    payload = payload_of(header, content)
    end = header.next_offset
    try:
        for stopped_at in map_keys(payload, header.record_count, header.base_offset, first, known):
            if stopped_at is not None:
                end = stopped_at
            yield
    except (IndexError, WireError) as error:
        raise BadRecords(f"record runs past the end: {error}") from error
    known.end = max(known.end, end)


def filter_batch(
    header: BatchHeader, content: Buffer, fate: Fate, known: OffsetMap
) -> Iterator[Buffer | None]:
    """Find out what stays of a batch. Yields None to give others a turn, and if nothing stays.

    Errors: BadRecords.
    """
    if header.is_control:
        yield _control(header, content, fate)
        return
    if fate.goes or not header.record_count:
        yield _empty(header) if fate.must_stay else None
        return
    payload = payload_of(header, content)
    horizon = header.delete_horizon_ms
    keeps_tombstones = horizon is None or fate.now_ms < horizon
    kept = Kept([], 0, False)
    try:
        for found in choose(
            payload,
            header.record_count,
            header.base_offset,
            known,
            keeps_tombstones=keeps_tombstones,
        ):
            if found is None:
                yield None
            else:
                kept = found
    except (IndexError, WireError) as error:
        raise BadRecords(f"record runs past the end: {error}") from error
    if not kept.records:
        yield _empty(header) if fate.must_stay else None
    elif kept.has_tombstones and horizon is None:
        yield _rebuilt(header, payload, kept, fate.now_ms + fate.delete_retention_ms)
    elif kept.records == header.record_count:
        yield content
    else:
        yield _rebuilt(header, payload, kept, horizon)


def _control(header: BatchHeader, content: Buffer, fate: Fate) -> Buffer | None:
    """A marker that nothing needs gets a time to go; after that it goes."""
    horizon = header.delete_horizon_ms
    if not header.record_count or (fate.goes and horizon is not None and horizon <= fate.now_ms):
        return _empty(header) if fate.must_stay else None
    if not fate.goes or horizon is not None:
        return content
    payload = payload_of(header, content)
    kept = Kept([(0, len(payload))], header.record_count, False)
    try:
        return _rebuilt(header, payload, kept, fate.now_ms + fate.delete_retention_ms)
    except (IndexError, WireError) as error:
        raise BadRecords(str(error)) from error


def _rebuilt(header: BatchHeader, payload: bytes, kept: Kept, horizon: int | None) -> bytearray:
    """Return the batch with these records only, and a delete horizon if there is one."""
    base = header.base_timestamp
    latest = header.max_timestamp
    if not header.attributes & LOG_APPEND_TIME_BIT:
        latest = base + latest_timestamp(payload, kept.spans)
    if horizon is not None and horizon != base:
        records = shifted(payload, kept.spans, base - horizon)
    elif len(kept.spans) == 1:
        start, end = kept.spans[0]
        records = payload[start:end]
    else:
        records = b"".join([payload[start:end] for start, end in kept.spans])
    if header.compression:
        records = compress(header.compression, records)
    return _framed(header, records, kept.records, base, latest, horizon)


def _empty(header: BatchHeader) -> bytearray:
    """Return the batch without records: who wrote it, and which offsets it had."""
    bare = header._replace(attributes=header.attributes & ~0x07)
    return _framed(bare, b"", 0, -1, header.max_timestamp, None)


def _framed(
    header: BatchHeader,
    records: bytes,
    count: int,
    base_timestamp: int,
    max_timestamp: int,
    horizon: int | None,
) -> bytearray:
    return build_batch(
        records,
        base_offset=header.base_offset,
        record_count=count,
        base_timestamp=base_timestamp,
        max_timestamp=max_timestamp,
        compression=header.compression,
        timestamp_type=header.timestamp_type,
        producer_id=header.producer_id,
        producer_epoch=header.producer_epoch,
        base_sequence=header.base_sequence,
        is_transactional=header.is_transactional,
        is_control=header.is_control,
        partition_leader_epoch=header.partition_leader_epoch,
        last_offset_delta=header.last_offset_delta,
        delete_horizon_ms=horizon,
    )
