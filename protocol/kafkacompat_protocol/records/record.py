"""The records inside a batch of format v2.

    length varint | attributes int8 | timestamp_delta varlong | offset_delta varint |
    key_length varint | key | value_length varint | value | header_count varint |
    (header key_length varint | key | value_length varint | value) ...

Deltas are to the batch's base timestamp and base offset; a length of -1 is null.

Spec: https://kafka.apache.org/documentation/#record (KIP-98, KIP-82).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from kafkacompat_protocol.errors import ErrorCode, KafkaError, WireError
from kafkacompat_protocol.primitives import (
    Buffer,
    encode_varint,
    read_varint,
    read_varlong,
)
from kafkacompat_protocol.records.batch import HEADER_SIZE, BatchHeader, build_batch, read_header
from kafkacompat_protocol.records.compression import DEFAULT_MAX_BYTES, compress, decompress

NO_TIMESTAMP = -1
Header = tuple[str, bytes | None]


@dataclass(slots=True)
class Record:
    """One record. `timestamp` is in milliseconds, -1 for none."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: list[Header] = field(default_factory=list)


def iterate_records(batch: Buffer, *, max_bytes: int = DEFAULT_MAX_BYTES) -> Iterator[Record]:
    """Yield the records of the batch at the start of `batch`, decompressing them.

    CRCs are not looked at. At most `max_bytes` are decompressed.

    Errors: CORRUPT_MESSAGE, MESSAGE_TOO_LARGE, UNSUPPORTED_COMPRESSION_TYPE.
    """
    header = read_header(batch)
    if header.size > len(batch):
        raise _corrupt("batch longer than what was given")
    packed = memoryview(batch)[HEADER_SIZE : header.size]
    if not packed and not header.record_count:
        return  # all that compaction left of a batch
    payload = bytes(decompress(header.compression, packed, max_bytes=max_bytes))
    position = 0
    for _ in range(header.record_count):
        try:
            record, position = _read_record(payload, position, header)
        except (IndexError, WireError) as error:
            raise _corrupt(f"record runs past the end: {error}") from error
        yield record
    if position != len(payload):
        raise _corrupt("bytes after the last record")


def _read_record(payload: bytes, position: int, header: BatchHeader) -> tuple[Record, int]:
    size, position = read_varint(payload, position)
    end = position + size
    if size < 0 or end > len(payload):
        raise _corrupt("record longer than its batch")
    position += 1  # attributes, of which there are none
    timestamp_delta, position = read_varlong(payload, position)
    offset_delta, position = read_varint(payload, position)
    key, position = _read_bytes(payload, position, end)
    value, position = _read_bytes(payload, position, end)
    count, position = read_varint(payload, position)
    if count < 0 or count * 2 > end - position:
        raise _corrupt("more headers than fit")
    headers: list[Header] = []
    for _ in range(count):
        name, position = _read_bytes(payload, position, end)
        if name is None:
            raise _corrupt("header without a key")
        content, position = _read_bytes(payload, position, end)
        headers.append((name.decode("utf-8", "surrogateescape"), content))
    if position != end:
        raise _corrupt("record of another length than it says")
    timestamp = header.base_timestamp + timestamp_delta
    if header.timestamp_type:
        timestamp = header.max_timestamp
    return Record(header.base_offset + offset_delta, timestamp, key, value, headers), end


def _read_bytes(payload: bytes, position: int, end: int) -> tuple[bytes | None, int]:
    size, position = read_varint(payload, position)
    if size < 0:
        if size != -1:
            raise _corrupt(f"length {size}")
        return None, position
    stop = position + size
    if stop > end:
        raise _corrupt("key, value or header runs past its record")
    return payload[position:stop], stop


def encode_records(
    records: Iterable[Record], *, base_offset: int = 0, base_timestamp: int = 0
) -> bytes:
    """Return the uncompressed payload of a batch with these bases."""
    out = bytearray()
    for record in records:
        body = bytearray(b"\x00")
        body += encode_varint(record.timestamp - base_timestamp)
        body += encode_varint(record.offset - base_offset)
        _write_bytes(body, record.key)
        _write_bytes(body, record.value)
        body += encode_varint(len(record.headers))
        for name, content in record.headers:
            _write_bytes(body, name.encode("utf-8", "surrogateescape"))
            _write_bytes(body, content)
        out += encode_varint(len(body))
        out += body
    return bytes(out)


def _write_bytes(out: bytearray, value: bytes | None) -> None:
    if value is None:
        out.append(1)  # -1
    else:
        out += encode_varint(len(value))
        out += value


def build_records_batch(
    records: Sequence[Record], *, compression: int = 0, **frame: Any
) -> bytearray:
    """Return a whole batch of `records`, which must not be empty, and whose offsets rise.

    `frame` is passed to `build_batch`: producer_id, is_transactional and the like.
    """
    base_offset, base_timestamp = records[0].offset, records[0].timestamp
    payload = encode_records(records, base_offset=base_offset, base_timestamp=base_timestamp)
    if compression:
        payload = compress(compression, payload)
    frame.setdefault("max_timestamp", max(record.timestamp for record in records))
    frame.setdefault("last_offset_delta", records[-1].offset - base_offset)
    return build_batch(
        payload,
        base_offset=base_offset,
        record_count=len(records),
        base_timestamp=base_timestamp,
        compression=compression,
        **frame,
    )


def _corrupt(why: str) -> KafkaError:
    return KafkaError(ErrorCode.CORRUPT_MESSAGE, why)
