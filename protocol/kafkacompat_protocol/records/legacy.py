"""Message formats v0 and v1, and their conversion to and from batches of format v2.

    offset int64 | size int32 | crc uint32 | magic int8 | attributes int8 |
    timestamp int64 (v1) | key_length int32 | key | value_length int32 | value

`crc` is CRC-32 (not C) of all that follows it. A compressed message, the wrapper, has a message
set as its value. Its offset is that of its last message; inside, v0 has absolute offsets and v1
offsets relative to the first. With log-append time the wrapper's timestamp counts for all.

Clients before 0.11 send and expect these formats (Produce 0-2, Fetch 0-3).

Spec: https://kafka.apache.org/documentation/#messageset, KIP-31, KIP-32.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple
from zlib import crc32

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.primitives import Buffer
from kafkacompat_protocol.records import batch as v2
from kafkacompat_protocol.records.compression import (
    DEFAULT_MAX_BYTES,
    Compression,
    compress,
    decompress,
)
from kafkacompat_protocol.records.record import (
    NO_TIMESTAMP,
    Record,
    build_records_batch,
    iterate_records,
)

PREFIX: Final = struct.Struct(">qiIbb")
assert PREFIX.size == 18
OVERHEAD: Final = 12
"""Bytes before those that `size` counts."""
LEAST_SIZE: Final = (14, 22)
CODEC_MASK: Final = 0x07
LOG_APPEND_TIME_BIT: Final = 0x08

_int32 = struct.Struct(">i")
_int64 = struct.Struct(">q")


class Message(NamedTuple):
    """One entry of a message set, perhaps a wrapper."""

    offset: int
    magic: int
    attributes: int
    timestamp: int
    key: bytes | None
    value: bytes | None

    @property
    def codec(self) -> int:
        """0 none, 1 gzip, 2 snappy, 3 lz4."""
        return self.attributes & CODEC_MASK


def read_messages(buf: Buffer) -> Iterator[Message]:
    """Yield the entries of a message set, wrappers unopened; CRCs are checked.

    Errors: CORRUPT_MESSAGE.
    """
    view, position = memoryview(buf), 0
    while position < len(view):
        message, position = _read_message(view, position)
        yield message


def _read_message(view: memoryview, position: int) -> tuple[Message, int]:
    if position + PREFIX.size > len(view):
        raise _corrupt("message set ends in a message")
    offset, size, crc, magic, attributes = PREFIX.unpack_from(view, position)
    if magic not in (0, 1):
        raise _corrupt(f"message format {magic}")
    end = position + OVERHEAD + size
    if size < LEAST_SIZE[magic] or end > len(view):
        raise _corrupt("message longer than its set")
    if crc32(view[position + 16 : end]) != crc:
        raise _corrupt("CRC of a message")
    at = position + PREFIX.size
    timestamp = NO_TIMESTAMP
    if magic:
        (timestamp,) = _int64.unpack_from(view, at)
        at += 8
    key, at = _read_bytes(view, at, end)
    value, at = _read_bytes(view, at, end)
    if at != end:
        raise _corrupt("message of another length than it says")
    return Message(offset, magic, attributes, timestamp, key, value), end


def _read_bytes(view: memoryview, position: int, end: int) -> tuple[bytes | None, int]:
    if position + 4 > end:
        raise _corrupt("message ends in a length")
    (size,) = _int32.unpack_from(view, position)
    position += 4
    if size == -1:
        return None, position
    if not 0 <= size <= end - position:
        raise _corrupt("key or value runs past its message")
    return bytes(view[position : position + size]), position + size


def open_message(message: Message, *, max_bytes: int = DEFAULT_MAX_BYTES) -> list[Record]:
    """Return the records of an entry: its own, or all those in a wrapper, offsets absolute.

    Errors: CORRUPT_MESSAGE, MESSAGE_TOO_LARGE, UNSUPPORTED_COMPRESSION_TYPE.
    """
    if not message.codec:
        return [Record(message.offset, message.timestamp, message.key, message.value)]
    if message.codec == Compression.ZSTD:
        raise KafkaError(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, "zstd before format v2")
    packed = message.value or b""
    payload = decompress(message.codec, packed, max_bytes=max_bytes, magic=message.magic)
    inner = list(read_messages(payload))
    if not inner:
        raise _corrupt("wrapper without messages")
    if any(m.codec or m.magic != message.magic for m in inner):
        raise _corrupt("wrapper in a wrapper, or of another format than its messages")
    first = message.offset - inner[-1].offset if message.magic else 0
    stamp = message.timestamp if message.attributes & LOG_APPEND_TIME_BIT else None
    return [
        Record(first + m.offset, m.timestamp if stamp is None else stamp, m.key, m.value)
        for m in inner
    ]


def iterate_messages(buf: Buffer, *, max_bytes: int = DEFAULT_MAX_BYTES) -> Iterator[Record]:
    """Yield all records of a message set, those in wrappers too; `max_bytes` is per wrapper.

    Errors: as `open_message`.
    """
    for message in read_messages(buf):
        yield from open_message(message, max_bytes=max_bytes)


def build_message_set(records: Sequence[Record], magic: int, *, codec: int = 0) -> bytes:
    """Return records as a message set, in one wrapper if `codec` says so. Headers are dropped.

    Errors: UNSUPPORTED_COMPRESSION_TYPE.
    """
    return _build(records, magic, codec, log_append_time=False)


def _build(records: Sequence[Record], magic: int, codec: int, *, log_append_time: bool) -> bytes:
    if codec == Compression.ZSTD:
        raise KafkaError(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, "zstd before format v2")
    if not records:
        return b""
    bits = LOG_APPEND_TIME_BIT if magic and log_append_time else 0
    if not codec:
        entries = [_encode(r.offset, magic, bits, r.timestamp, r.key, r.value) for r in records]
        return b"".join(entries)
    first = records[0].offset if magic else 0
    inner = [_encode(r.offset - first, magic, 0, r.timestamp, r.key, r.value) for r in records]
    packed = compress(codec, b"".join(inner), magic=magic)
    latest = max(r.timestamp for r in records)
    return _encode(records[-1].offset, magic, bits | codec, latest, None, packed)


def _encode(
    offset: int, magic: int, attributes: int, timestamp: int, key: bytes | None, value: bytes | None
) -> bytes:
    body = bytearray((magic, attributes))
    if magic:
        body += _int64.pack(timestamp)
    for part in (key, value):
        body += _int32.pack(-1 if part is None else len(part))
        body += part or b""
    return struct.pack(">qiI", offset, len(body) + 4, crc32(body)) + body


def upgrade(message_set: Buffer, *, max_bytes: int = DEFAULT_MAX_BYTES) -> list[bytearray]:
    """Return a produced message set as batches of format v2, each with base offset 0.

    Each wrapper becomes a batch of the same codec, each run of plain messages one without.
    The offsets that the client gave count for nothing, as in Kafka. At most `max_bytes` of records
    come out of all wrappers together.

    Errors: as `open_message`; INVALID_TIMESTAMP for a client that sends log-append time.
    """
    batches: list[bytearray] = []
    plain: list[Record] = []
    room = max_bytes
    for message in read_messages(message_set):
        if message.magic and message.attributes & LOG_APPEND_TIME_BIT:
            raise KafkaError(ErrorCode.INVALID_TIMESTAMP, "log-append time is the broker's")
        records = open_message(message, max_bytes=room)
        if not message.codec:
            plain += records
            continue
        room -= sum(len(r.key or b"") + len(r.value or b"") + LEAST_SIZE[0] for r in records)
        if room < 0:
            raise KafkaError(ErrorCode.MESSAGE_TOO_LARGE, f"more than {max_bytes} bytes")
        if plain:
            batches.append(_renumbered(plain, 0))
            plain = []
        batches.append(_renumbered(records, message.codec))
    if plain:
        batches.append(_renumbered(plain, 0))
    return batches


def _renumbered(records: list[Record], codec: int) -> bytearray:
    for offset, record in enumerate(records):
        record.offset = offset
    return build_records_batch(records, compression=codec)


def downgrade(batches: Buffer, magic: int, *, max_bytes: int = DEFAULT_MAX_BYTES) -> bytes:
    """Return fetched batches of format v2 as a message set of format `magic` (0 or 1).

    Offsets and codecs stay; headers and control batches are dropped, and a partial last batch
    is left out. `max_bytes` is per batch.

    Errors: UNSUPPORTED_COMPRESSION_TYPE for zstd; CORRUPT_MESSAGE, MESSAGE_TOO_LARGE.
    """
    view = memoryview(batches)
    view = view[: v2.whole_batches(view, 0, len(view))]
    parts = []
    for position, header in v2.read_batches(view):
        if header.is_control:
            continue
        whole = view[position : position + header.size]
        if header.compression == Compression.ZSTD:
            raise KafkaError(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, "zstd before format v2")
        records = list(iterate_records(whole, max_bytes=max_bytes))
        by_broker = header.timestamp_type == 1
        parts.append(_build(records, magic, header.compression, log_append_time=by_broker))
    return b"".join(parts)


def _corrupt(why: str) -> KafkaError:
    return KafkaError(ErrorCode.CORRUPT_MESSAGE, why)
