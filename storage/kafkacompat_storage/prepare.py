"""What a topic wants of the records themselves: converted, checked, compressed otherwise.

Pure, and slow: a large request is prepared in another process. Spec: KIP-467, KIP-390.
"""

from typing import Final, NamedTuple

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.records.batch import (
    ATTRIBUTES_AT,
    COMPRESSION_MASK,
    CRC_AT,
    HEADER,
    HEADER_SIZE,
    LOG_OVERHEAD,
    MAGIC,
    MAGIC_AT,
    BatchHeader,
    compute_crc,
    read_batches,
)
from kafkacompat_protocol.records.compression import compress, decompress
from kafkacompat_protocol.records.crc import crc32c
from kafkacompat_protocol.records.legacy import upgrade
from kafkacompat_protocol.records.walk import walk_records

from .validate import AppendRules, InvalidRecords, untimely_records

MAX_BYTES: Final = 64 << 20
"""What the records of one request to a partition may come to, decompressed."""


class Wanted(NamedTuple):
    """What the records of a partition must be, by its topic's rules and the request's version."""

    place: str
    """The partition, as messages name it."""
    is_old: bool
    """Whether they come in message format v0 or v1."""
    codec: int
    """The codec to have, -1 for the producer's choice."""
    level: int | None
    needs_keys: bool
    earliest_ms: int | None
    latest_ms: int | None
    max_batch_bytes: int


def wanted(place: str, rules: AppendRules, now_ms: int, *, is_old: bool) -> Wanted | None:
    """Return what is wanted of records that arrive now; None if nobody need look at them."""
    if not (is_old or rules.reads_records):
        return None
    by_client = rules.timestamp_type == 0
    return Wanted(
        place=place,
        is_old=is_old,
        codec=rules.codec,
        level=rules.compression_level,
        needs_keys=rules.compacted,
        earliest_ms=now_ms - rules.timestamp_before_max_ms if by_client else None,
        latest_ms=now_ms + rules.timestamp_after_max_ms if by_client else None,
        max_batch_bytes=rules.max_message_bytes,
    )


def prepare(content: bytes, wishes: Wanted, max_bytes: int = MAX_BYTES) -> bytearray:
    """Return the records of one partition as batches of format v2 that are as wanted.

    Errors: CORRUPT_MESSAGE, INVALID_RECORD, INVALID_TIMESTAMP, UNSUPPORTED_COMPRESSION_TYPE;
    MESSAGE_TOO_LARGE, also where more than `max_bytes` come out of the codec.
    """
    if not wishes.is_old:
        _check_whole(content, wishes.max_batch_bytes)
        return _batch(content, wishes, max_bytes)
    if len(content) > MAGIC_AT and content[MAGIC_AT] == MAGIC:
        raise KafkaError(ErrorCode.INVALID_RECORD, "Message format v2 needs Produce v3.")
    out = bytearray()
    first = 0
    for batch in upgrade(content, max_bytes=max_bytes):
        out += _batch(bytes(batch), wishes, max_bytes, first)
        first += BatchHeader._make(HEADER.unpack_from(batch)).record_count
    if not out:
        raise KafkaError(ErrorCode.INVALID_RECORD, "no message")
    return out


def _check_whole(content: bytes, max_batch_bytes: int) -> None:
    """Check that it is one batch with the right CRC, of a size that is looked at further."""
    if len(content) < HEADER_SIZE:
        raise KafkaError(ErrorCode.CORRUPT_MESSAGE, "shorter than a batch header")
    header = BatchHeader._make(HEADER.unpack_from(content))
    if header.size > len(content) or header.size < HEADER_SIZE:
        raise KafkaError(ErrorCode.CORRUPT_MESSAGE, f"batch of {header.size} bytes")
    if header.size < len(content):
        count = sum(1 for _ in read_batches(content))
        raise KafkaError(ErrorCode.INVALID_RECORD, f"{count} batches, one is allowed")
    if crc32c(memoryview(content)[ATTRIBUTES_AT:]) != header.crc:
        raise KafkaError(ErrorCode.CORRUPT_MESSAGE, "CRC does not match")
    if header.size > max_batch_bytes:
        raise KafkaError(ErrorCode.MESSAGE_TOO_LARGE, f"{header.size} bytes")


def _batch(content: bytes, wishes: Wanted, max_bytes: int, first: int = 0) -> bytearray:
    """Return one batch as it is wanted; its first record is number `first` of the request."""
    header = BatchHeader._make(HEADER.unpack_from(content))
    if header.record_count <= 0 or header.record_count != header.last_offset_delta + 1:
        raise KafkaError(
            ErrorCode.INVALID_RECORD,
            f"{header.record_count} records, last delta {header.last_offset_delta}",
        )
    payload = bytes(decompress(header.compression, content[HEADER_SIZE:], max_bytes=max_bytes))
    base_ms = header.base_timestamp
    found = walk_records(
        payload,
        header.record_count,
        least_delta=None if wishes.earliest_ms is None else wishes.earliest_ms - base_ms,
        most_delta=None if wishes.latest_ms is None else wishes.latest_ms - base_ms,
    )
    untimely = [(at, base_ms + delta) for at, delta in found.untimely if base_ms + delta != -1]
    _refuse(found.without_key if wishes.needs_keys else [], untimely, wishes, first)
    if wishes.codec in (-1, header.compression):
        return bytearray(content)
    return _recompressed(content, header, payload, wishes)


def _recompressed(content: bytes, header: BatchHeader, payload: bytes, wishes: Wanted) -> bytearray:
    packed = compress(wishes.codec, payload, level=wishes.level)
    made = bytearray(content[:HEADER_SIZE])
    made += packed
    attributes = header.attributes & ~COMPRESSION_MASK | wishes.codec
    fields = header._replace(batch_length=len(made) - LOG_OVERHEAD, attributes=attributes)
    HEADER.pack_into(made, 0, *fields)
    made[CRC_AT : CRC_AT + 4] = compute_crc(made, 0, len(made)).to_bytes(4, "big")
    return made


def _refuse(
    without_key: list[int], untimely: list[tuple[int, int]], wishes: Wanted, first: int
) -> None:
    """Refuse the batch if any record is to be. Errors: InvalidRecords."""
    why = f"Compacted topic cannot accept message without key in topic partition {wishes.place}"
    errors = [(at, why) for at in without_key]
    refused = set(without_key)
    if wishes.earliest_ms is not None and wishes.latest_ms is not None:
        others = [found for found in untimely if found[0] not in refused]
        errors += untimely_records(others, wishes.earliest_ms, wishes.latest_ms)
    if not errors:
        return
    errors.sort()
    is_keyless = errors[0][0] in refused
    code = ErrorCode.INVALID_RECORD if is_keyless else ErrorCode.INVALID_TIMESTAMP
    raise InvalidRecords([(first + at, text) for at, text in errors], code)
