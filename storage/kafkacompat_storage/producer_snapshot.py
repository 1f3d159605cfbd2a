"""Snapshots of producer state: Kafka's file, and ours beside it with the whole windows.

Kafka's `.snapshot` has room for the last batch of each producer:

    version int16 (1) | crc uint32 | count int32 | producer_id int64, producer_epoch int16,
    last_sequence int32, last_offset int64, offset_delta int32, timestamp int64,
    coordinator_epoch int32, first_offset int64 (of the open transaction, or -1) ...

Our `.producers` adds what a retry of an older batch needs after a restart:

    version int16 (1) | crc uint32 | count int32 | producer_id int64, producer_epoch int16,
    window int8 | last_sequence int32, last_offset int64, offset_delta int32, timestamp int64 ...

Numbers are big-endian; `crc` is CRC-32C of what follows it.
"""

from struct import Struct
from struct import error as StructError
from typing import Final

from kafkacompat_protocol.records.crc import crc32c

from .producer_state import WINDOW, Producer, SequencedBatch

_HEAD: Final = Struct(">hI")
_COUNT: Final = Struct(">i")
_ENTRY: Final = Struct(">qhiqiqiq")
assert _ENTRY.size == 46
_WINDOW_HEAD: Final = Struct(">qhb")
_BATCH: Final = Struct(">iqiq")
_VERSION: Final = 1


def encode_snapshot(producers: dict[int, Producer]) -> bytes:
    """The content of a .snapshot file."""
    body = bytearray(_COUNT.pack(len(producers)))
    for producer_id, producer in producers.items():
        last = producer.window[-1] if producer.window else SequencedBatch(-1, -1, 0, -1)
        body += _ENTRY.pack(
            producer_id,
            producer.epoch,
            last.last_sequence,
            last.last_offset,
            last.offset_delta,
            producer.last_timestamp,
            producer.coordinator_epoch,
            producer.first_offset,
        )
    return _sealed(body)


def encode_windows(producers: dict[int, Producer]) -> bytes:
    """The content of a .producers file."""
    body = bytearray(_COUNT.pack(len(producers)))
    for producer_id, producer in producers.items():
        body += _WINDOW_HEAD.pack(producer_id, producer.epoch, len(producer.window))
        for batch in producer.window:
            body += _BATCH.pack(*batch)
    return _sealed(body)


def decode_snapshot(snapshot: bytes | None, windows: bytes | None) -> dict[int, Producer] | None:
    """Read both files; None if the first cannot be read, no more than it if the second cannot."""
    body = _opened(snapshot)
    if body is None:
        return None
    whole = _decode_windows(windows)
    producers: dict[int, Producer] = {}
    try:
        (count,) = _COUNT.unpack_from(body)
        for number in range(count):
            producer_id, epoch, sequence, offset, delta, timestamp, coordinator, first = (
                _ENTRY.unpack_from(body, _COUNT.size + number * _ENTRY.size)
            )
            window: tuple[SequencedBatch, ...] = ()
            if sequence >= 0:
                window = (SequencedBatch(sequence, offset, delta, timestamp),)
            known_epoch, known = whole.get(producer_id, (-1, ()))
            if known_epoch == epoch and [b[:3] for b in known[-1:]] == [b[:3] for b in window]:
                window = known
            producers[producer_id] = Producer(epoch, window, timestamp, coordinator, first)
    except StructError:
        return None
    return producers


def _decode_windows(content: bytes | None) -> dict[int, tuple[int, tuple[SequencedBatch, ...]]]:
    windows: dict[int, tuple[int, tuple[SequencedBatch, ...]]] = {}
    body = _opened(content)
    if body is None:
        return windows
    try:
        (count,) = _COUNT.unpack_from(body)
        at = _COUNT.size
        for _ in range(count):
            producer_id, epoch, length = _WINDOW_HEAD.unpack_from(body, at)
            at += _WINDOW_HEAD.size
            ends = range(at, at + length * _BATCH.size, _BATCH.size)
            batches = tuple(SequencedBatch._make(_BATCH.unpack_from(body, end)) for end in ends)
            at += length * _BATCH.size
            windows[producer_id] = (epoch, batches[-WINDOW:])
    except StructError:
        return {}
    return windows


def _sealed(body: bytearray) -> bytes:
    return _HEAD.pack(_VERSION, crc32c(bytes(body))) + body


def _opened(content: bytes | None) -> bytes | None:
    """Return what follows the CRC, None if there is no such file or it does not match."""
    if content is None or len(content) < _HEAD.size + _COUNT.size:
        return None
    version, crc = _HEAD.unpack_from(content)
    body = content[_HEAD.size :]
    return body if version == _VERSION and crc == crc32c(body) else None
