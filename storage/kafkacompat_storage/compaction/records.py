"""The records of a batch, looked at where they lie: their keys, and which of them stay.

These loops are what compaction takes its time for, so they make no objects of records and call
nothing for most of them. What does not fit into its batch raises IndexError or BadRecords.

Spec: https://kafka.apache.org/documentation/#record.
"""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Final, NamedTuple

from kafkacompat_protocol.primitives import encode_varint, read_varint, read_varlong

from .offset_map import DIGEST_BYTES, OffsetMap

RECORDS_AT_A_TIME: Final = 1000
"""Looked at before others have a turn, where somebody else needs the same thread."""


class BadRecords(Exception):
    """Bytes that are not the records that their batch says."""


class Kept(NamedTuple):
    """Stretches [start, end) of records that stay, how many they are, and whether a value is
    null."""

    spans: list[tuple[int, int]]
    records: int
    has_tombstones: bool


def _long_varint(payload: bytes, at: int) -> tuple[int, int]:
    """Read what the loops below do not: a varint of more than one byte."""
    return read_varint(payload, at)


def map_keys(
    payload: bytes, count: int, base_offset: int, first: int, known: OffsetMap
) -> Iterator[int | None]:
    """Enter the keys of the records from offset `first` on. Yields None to give others a turn.

    Where the map is full, the last thing is the offset of the first record that is not in it.
    Errors: BadRecords, IndexError.
    """
    at = 0
    size = len(payload)
    for number in range(0, count, RECORDS_AT_A_TIME):
        if number:
            yield None
        part = min(RECORDS_AT_A_TIME, count - number)
        if known.room_for(part):
            at = _map_some(payload, at, part, base_offset, first, known.offsets)
            continue
        for _ in range(part):
            before = at
            at = _map_some(payload, at, 1, base_offset, first, known.offsets)
            if len(known.offsets) > known.limit:
                known.offsets.popitem()  # The one that was just entered.
                yield base_offset + _offset_delta(payload, before)
                return
    if at != size:
        raise BadRecords("bytes after the last record")


def _offset_delta(payload: bytes, at: int) -> int:
    _, at = read_varint(payload, at)
    _, at = read_varlong(payload, at + 1)
    return read_varint(payload, at)[0]


def _map_some(
    payload: bytes, at: int, count: int, base_offset: int, first: int, offsets: dict[bytes, int]
) -> int:
    """Enter `count` records from position `at` on; return the position after them."""
    digest = blake2b
    total = len(payload)
    for _ in range(count):
        size = payload[at]
        if size < 0x80:
            at += 1
            end = at + (size >> 1)
        else:
            length, at = _long_varint(payload, at)
            end = at + length
        if end > total:
            raise BadRecords("record longer than its batch")
        at += 1
        while payload[at] & 0x80:  # the timestamp
            at += 1
        delta = payload[at + 1]
        at += 2
        if delta < 0x80:
            delta >>= 1
        else:
            delta, at = _long_varint(payload, at - 1)
        length = payload[at]
        at += 1
        if length < 0x80:
            if length == 1:  # -1: no key
                at = end
                continue
            length >>= 1
        else:
            length, at = _long_varint(payload, at - 1)
        if length < 0 or at + length >= end:
            raise BadRecords("key longer than its record")
        offset = base_offset + delta
        if offset >= first:
            key = payload[at : at + length]
            offsets[key if length < DIGEST_BYTES else digest(key, digest_size=16).digest()] = offset
        at = end
    return at


def choose(
    payload: bytes, count: int, base_offset: int, known: OffsetMap, *, keeps_tombstones: bool
) -> Iterator[Kept | None]:
    """Find the records that stay. Yields None to give others a turn; the last thing is the result.

    A record stays if it is the newest of its key as far as the map knows, or after what the map
    knows; without a key it does not, and without a value only if `keeps_tombstones`.

    Errors: BadRecords, IndexError.
    """
    kept = Kept([], 0, False)
    at = 0
    for number in range(0, count, RECORDS_AT_A_TIME):
        if number:
            yield None
        part = min(RECORDS_AT_A_TIME, count - number)
        at, kept = _choose_some(payload, at, part, base_offset, known, keeps_tombstones, kept)
    if at != len(payload):
        raise BadRecords("bytes after the last record")
    yield kept


def _choose_some(
    payload: bytes, at: int, count: int, base_offset: int, known: OffsetMap, keeps: bool, kept: Kept
) -> tuple[int, Kept]:
    """Look at `count` records from position `at` on; return the position after them."""
    digest, newest, known_end = blake2b, known.offsets.get, known.end
    total = len(payload)
    spans, kept_count, has_tombstones = kept
    began, last = spans.pop() if spans else (-1, -1)
    for _ in range(count):
        start = at
        size = payload[at]
        if size < 0x80:
            at += 1
            end = at + (size >> 1)
        else:
            length, at = _long_varint(payload, at)
            end = at + length
        if end > total:
            raise BadRecords("record longer than its batch")
        at += 1
        while payload[at] & 0x80:
            at += 1
        delta = payload[at + 1]
        at += 2
        if delta < 0x80:
            delta >>= 1
        else:
            delta, at = _long_varint(payload, at - 1)
        offset = base_offset + delta
        length = payload[at]
        at += 1
        goes = offset < known_end
        if length != 1:
            if length < 0x80:
                length >>= 1
            else:
                length, at = _long_varint(payload, at - 1)
            if length < 0 or at + length >= end:
                raise BadRecords("key longer than its record")
            if goes:
                key = payload[at : at + length]
                if length >= DIGEST_BYTES:
                    key = digest(key, digest_size=16).digest()
                goes = newest(key, -1) > offset
            at += length
        if not goes and payload[at] == 1:  # no value
            goes = not keeps and offset < known_end
            has_tombstones = True
        if not goes:
            kept_count += 1
            if start != last:
                if began >= 0:
                    spans.append((began, last))
                began = start
            last = end
        at = end
    if began >= 0:
        spans.append((began, last))
    return at, Kept(spans, kept_count, has_tombstones)


def latest_timestamp(payload: bytes, spans: list[tuple[int, int]]) -> int:
    """Return the largest timestamp delta of the records in these stretches, of which there is
    one at least."""
    largest = -1 << 63
    for at, end in spans:
        while at < end:
            size, at = read_varint(payload, at)
            largest = max(largest, read_varlong(payload, at + 1)[0])
            at += size
    return largest


def shifted(payload: bytes, spans: list[tuple[int, int]], by: int) -> bytes:
    """Return the records with `by` added to their timestamp deltas."""
    out = bytearray()
    for at, stop in spans:
        while at < stop:
            size, at = read_varint(payload, at)
            end = at + size
            delta, rest = read_varlong(payload, at + 1)
            head = payload[at : at + 1] + encode_varint(delta + by)
            out += encode_varint(len(head) + end - rest)
            out += head
            out += payload[rest:end]
            at = end
    return bytes(out)
