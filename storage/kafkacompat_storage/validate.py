"""Is this produced batch acceptable? Headers and CRC; what records must be is in `prepare`."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.records.batch import (
    ATTRIBUTES_AT,
    COMPRESSION_MASK,
    CONTROL_BIT,
    DELETE_HORIZON_BIT,
    HEADER,
    HEADER_SIZE,
    LOG_APPEND_TIME_BIT,
    LOG_OVERHEAD,
    MAGIC,
    TRANSACTIONAL_BIT,
    BatchHeader,
    patch_max_timestamp,
)
from kafkacompat_protocol.records.compression import decompress
from kafkacompat_protocol.records.crc import crc32c
from kafkacompat_protocol.records.record import NO_TIMESTAMP, iterate_records
from kafkacompat_protocol.records.walk import walk_records

LAST_COMPRESSION: Final = 4
MAX_RECORDS_NAMED: Final = 1000
"""Records that a refusal names; a million of them would not fit into an answer."""
FOREVER_MS: Final = (1 << 63) - 1
MAX_RECORDS_READ: Final = 10_000
MAX_BYTES_READ: Final = 8 << 20
"""What reading records for a timestamp may cost: some tens of milliseconds."""
_NOT_A_CLIENTS: Final = CONTROL_BIT | DELETE_HORIZON_BIT
_ODD_BITS: Final = _NOT_A_CLIENTS | LOG_APPEND_TIME_BIT | TRANSACTIONAL_BIT


@dataclass(slots=True)
class AppendRules:
    """What a topic's configuration says about appending. Replaced when the configuration changes.

    `timestamp_type` is 0 for CreateTime, 1 for LogAppendTime. What is taken of `segment_jitter_ms`
    off `segment_ms` depends on `roll_spread`. `codec` is -1 where the producer chooses.
    """

    max_message_bytes: int = 1_048_588
    segment_bytes: int = 1 << 30
    segment_ms: int = 7 * 24 * 3600 * 1000
    segment_jitter_ms: int = 0
    roll_spread: int = 0
    file_delete_delay_ms: int = 0
    index_interval_bytes: int = 4096
    segment_index_bytes: int = 10 << 20
    timestamp_type: int = 0
    timestamp_before_max_ms: int = FOREVER_MS
    timestamp_after_max_ms: int = 3_600_000
    compacted: bool = False
    codec: int = -1
    compression_level: int | None = None

    @property
    def reads_records(self) -> bool:
        """Whether the records themselves must be looked at, and not the batch's header alone."""
        return self.codec >= 0 or self.compacted or self.timestamp_before_max_ms < FOREVER_MS


class InvalidRecords(KafkaError):
    """A refusal that says which records: (index in the request, why). Spec: KIP-467.

    INVALID_RECORD, or INVALID_TIMESTAMP where the first of them is untimely; as Kafka words it.
    """

    def __init__(
        self,
        record_errors: list[tuple[int, str]],
        code: ErrorCode = ErrorCode.INVALID_RECORD,
    ) -> None:
        shown = ", ".join(
            f"RecordError(batchIndex={at}, message='{why}')" for at, why in record_errors[:3]
        )
        message = "One or more records have been rejected due to "
        if code == ErrorCode.INVALID_TIMESTAMP:
            message += "invalid timestamp"
        else:
            message += (
                f"{len(record_errors)} record errors in total, and only showing the first three"
                f" errors at most: [{shown}]"
            )
        super().__init__(code, message)
        self.record_errors = record_errors[:MAX_RECORDS_NAMED]


def untimely_records(
    untimely: Iterable[tuple[int, int]], earliest_ms: int, latest_ms: int
) -> list[tuple[int, str]]:
    """Return what is said of records, (index, timestamp), that are too old or too new."""
    return [
        (
            at,
            f"Timestamp {timestamp} of message with offset {at} is out of range. The timestamp"
            f" should be within [{earliest_ms}, {latest_ms}]",
        )
        for at, timestamp in untimely
    ]


def split_batches(content: memoryview) -> list[memoryview]:
    """Cut a buffer into batches, by their lengths alone.

    Errors: INVALID_RECORD if it is empty, CORRUPT_MESSAGE if a batch is cut short.
    """
    if not content:
        raise KafkaError(ErrorCode.INVALID_RECORD, "no batch")
    batches = []
    at = 0
    while at < len(content):
        if at + HEADER_SIZE > len(content):
            raise KafkaError(ErrorCode.CORRUPT_MESSAGE, "shorter than a batch header")
        size = HEADER.unpack_from(content, at)[1] + LOG_OVERHEAD
        if size < HEADER_SIZE or at + size > len(content):
            raise KafkaError(ErrorCode.CORRUPT_MESSAGE, f"batch of {size} bytes")
        batches.append(content[at : at + size])
        at += size
    return batches


def check_produced(
    header: tuple[int, ...], batch: memoryview, rules: AppendRules, now_ms: int
) -> tuple[int, ...]:
    """Check one whole batch from a client; `header` is its unpacked header.

    Returns the header, which is another one where `batch` had to be mended: sarama before 1.41
    leaves the largest timestamp out. Kafka computes it for every batch.

    Errors: CORRUPT_MESSAGE, INVALID_RECORD, MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE,
    INVALID_TIMESTAMP, UNSUPPORTED_COMPRESSION_TYPE.
    """
    (
        base,
        _,
        _,
        magic,
        crc,
        attributes,
        delta,
        base_time,
        max_time,
        pid,
        epoch,
        sequence,
        count,
    ) = header
    if magic != MAGIC:
        raise KafkaError(ErrorCode.INVALID_RECORD, f"message format {magic}")
    if crc32c(batch[ATTRIBUTES_AT:]) != crc:
        raise KafkaError(ErrorCode.CORRUPT_MESSAGE, "CRC does not match")
    size = len(batch)
    if size > rules.max_message_bytes:
        raise KafkaError(ErrorCode.MESSAGE_TOO_LARGE, f"{size} bytes")
    if size > rules.segment_bytes:
        raise KafkaError(ErrorCode.RECORD_LIST_TOO_LARGE, f"{size} bytes")
    if base or count <= 0 or count != delta + 1:
        raise KafkaError(
            ErrorCode.INVALID_RECORD, f"base offset {base}, {count} records, last delta {delta}"
        )
    if pid >= 0 and (sequence < 0 or epoch < 0):
        raise KafkaError(ErrorCode.INVALID_RECORD, "producer id without epoch or sequence")
    if attributes & _ODD_BITS or attributes & COMPRESSION_MASK > LAST_COMPRESSION:
        _check_attributes(BatchHeader._make(header))
    if max_time < base_time:
        max_time = _largest_timestamp(batch, base_time, count)
        if not -1 << 63 <= max_time < 1 << 63:
            raise KafkaError(ErrorCode.INVALID_TIMESTAMP, f"timestamp {max_time}")
        patch_max_timestamp(batch, 0, size, max_time)
        header = HEADER.unpack_from(batch)
    if rules.timestamp_type == 0:
        latest = now_ms + rules.timestamp_after_max_ms
        earliest = now_ms - rules.timestamp_before_max_ms
        if not (earliest <= max_time <= latest and earliest <= base_time <= latest):
            _check_timestamps(BatchHeader._make(header), batch, earliest, latest)
    return header


def _largest_timestamp(batch: memoryview, base_time: int, count: int) -> int:
    """Return the largest timestamp of a batch, its first one where finding out takes too long."""
    if count > MAX_RECORDS_READ:
        return base_time
    try:
        records = iterate_records(batch, max_bytes=MAX_BYTES_READ)
        return max(record.timestamp for record in records)
    except KafkaError as error:
        if error.code != ErrorCode.MESSAGE_TOO_LARGE:
            raise
        return base_time


def _check_attributes(header: BatchHeader) -> None:
    if header.compression > LAST_COMPRESSION:
        raise KafkaError(
            ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, f"compression type {header.compression}"
        )
    if header.attributes & _NOT_A_CLIENTS:
        raise KafkaError(ErrorCode.INVALID_RECORD, "clients must not write control batches")
    if header.attributes & LOG_APPEND_TIME_BIT:
        raise KafkaError(ErrorCode.INVALID_TIMESTAMP, "timestamp type must be CreateTime")
    if header.is_transactional and header.producer_id < 0:
        raise KafkaError(ErrorCode.INVALID_RECORD, "transactional batch without a producer id")


def _check_timestamps(
    header: BatchHeader, batch: memoryview, earliest_ms: int, latest_ms: int
) -> None:
    """Refuse a batch whose first or largest timestamp is out of range, and say which records."""
    base_ms = header.base_timestamp
    suspect = [time for time in (base_ms, header.max_timestamp) if time != NO_TIMESTAMP]
    if all(earliest_ms <= time <= latest_ms for time in suspect):
        return
    untimely: list[tuple[int, int]] = []
    if header.record_count <= MAX_RECORDS_READ:
        payload = decompress(header.compression, batch[HEADER_SIZE:], max_bytes=MAX_BYTES_READ)
        found = walk_records(
            bytes(payload),
            header.record_count,
            least_delta=earliest_ms - base_ms,
            most_delta=latest_ms - base_ms,
        )
        untimely = [(at, base_ms + delta) for at, delta in found.untimely]
    raise InvalidRecords(
        untimely_records(untimely, earliest_ms, latest_ms), ErrorCode.INVALID_TIMESTAMP
    )
