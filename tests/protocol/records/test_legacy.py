"""Message formats v0 and v1, against kafka-python's own reader and writer."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.record import MemoryRecords
from kafka.record.legacy_records import LegacyRecordBatchBuilder

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.records.batch import build_batch, check_crc, read_header
from kafkacompat_protocol.records.legacy import (
    LOG_APPEND_TIME_BIT,
    _encode,
    build_message_set,
    downgrade,
    iterate_messages,
    read_messages,
    upgrade,
)
from kafkacompat_protocol.records.record import Record, build_records_batch, iterate_records

# Format v0 of "value" under "key" at offset 5; crc32 is zlib's of the bytes from magic on.
V0 = bytes.fromhex("0000000000000005000000162356c1370000000000036b65790000000576616c7565")
RECORDS = [
    Record(10, 1000, b"k", b"v"),
    Record(11, 1005, None, b""),
    Record(14, 900, b"", None),
]
FORMATS = [(magic, codec) for magic in (0, 1) for codec in (0, 1, 2, 3)]
some_bytes = st.none() | st.binary(max_size=100)


def without_time(records: list[Record], magic: int) -> list[Record]:
    if magic:
        return records
    return [Record(r.offset, -1, r.key, r.value) for r in records]


def read_by_kafka_python(message_set: bytes) -> list[Record]:
    found = []
    for entry in MemoryRecords(message_set):
        assert entry.validate_crc()
        for r in entry:
            stamp = -1 if r.timestamp is None else r.timestamp
            found.append(Record(r.offset, stamp, r.key, r.value))
    return found


def written_by_kafka_python(records: list[Record], magic: int, codec: int) -> bytes:
    builder: Any = LegacyRecordBatchBuilder(magic, codec, 1 << 20)
    for r in records:
        builder.append(r.offset, r.timestamp if magic else None, r.key, r.value)
    return bytes(builder.build())


def test_the_bytes_of_a_v0_message() -> None:
    (message,) = read_messages(V0)

    assert (message.offset, message.key, message.value) == (5, b"key", b"value")
    assert build_message_set([Record(5, -1, b"key", b"value")], 0) == V0


@pytest.mark.parametrize(("magic", "codec"), FORMATS)
def test_kafka_python_reads_our_message_sets(magic: int, codec: int) -> None:
    message_set = build_message_set(RECORDS, magic, codec=codec)

    assert read_by_kafka_python(message_set) == without_time(RECORDS, magic)
    assert list(iterate_messages(message_set)) == without_time(RECORDS, magic)


@pytest.mark.parametrize(("magic", "codec"), FORMATS)
@given(fields=st.lists(st.tuples(st.integers(0, 2**42), some_bytes, some_bytes), min_size=1))
def test_we_upgrade_what_kafka_python_writes(
    magic: int, codec: int, fields: list[tuple[int, bytes | None, bytes | None]]
) -> None:
    records = [Record(offset, *rest) for offset, rest in enumerate(fields)]
    theirs = written_by_kafka_python(records, magic, codec)

    (batch,) = upgrade(theirs)

    assert check_crc(batch, 0, len(batch))
    assert read_header(batch).compression == codec
    assert list(iterate_records(batch)) == without_time(records, magic)


@pytest.mark.parametrize(("magic", "codec"), FORMATS)
def test_kafka_python_reads_what_we_downgrade(magic: int, codec: int) -> None:
    with_headers = [Record(r.offset, r.timestamp, r.key, r.value, [("h", b"")]) for r in RECORDS]
    batch = build_records_batch(with_headers, compression=codec)

    message_set = downgrade(batch + batch[:70], magic)

    assert read_by_kafka_python(message_set) == without_time(RECORDS, magic)


def test_offsets_inside_a_wrapper_are_absolute_in_v0_and_relative_in_v1() -> None:
    for magic, first in ((0, [10, 11, 14]), (1, [0, 1, 4])):
        (wrapper,) = read_messages(build_message_set(RECORDS, magic, codec=1))
        inner = read_messages(gzip.decompress(wrapper.value or b""))
        assert wrapper.offset == 14
        assert [m.offset for m in inner] == first


def test_a_wrappers_log_append_time_counts_for_all_its_messages() -> None:
    batch = build_records_batch(RECORDS, compression=1, timestamp_type=1, max_timestamp=77)

    message_set = downgrade(batch, 1)

    (wrapper,) = read_messages(message_set)
    assert wrapper.attributes & LOG_APPEND_TIME_BIT
    assert [r.timestamp for r in iterate_messages(message_set)] == [77, 77, 77]
    assert [r.timestamp for r in read_by_kafka_python(message_set)] == [77, 77, 77]


def test_offsets_that_a_producer_gave_count_for_nothing() -> None:
    (batch,) = upgrade(build_message_set(RECORDS, 1))

    assert [r.offset for r in iterate_records(batch)] == [0, 1, 2]


def test_each_wrapper_and_each_run_of_plain_messages_becomes_a_batch() -> None:
    plain, packed = build_message_set(RECORDS, 1), build_message_set(RECORDS, 1, codec=3)

    batches = upgrade(plain + plain + packed + packed + plain)

    assert [(read_header(b).compression, read_header(b).record_count) for b in batches] == [
        (0, 6),
        (3, 3),
        (3, 3),
        (0, 3),
    ]


def test_a_producer_may_not_send_log_append_time() -> None:
    with pytest.raises(KafkaError) as refused:
        upgrade(_encode(0, 1, LOG_APPEND_TIME_BIT, 5, None, b""))
    assert refused.value.code == ErrorCode.INVALID_TIMESTAMP


def test_zstd_is_refused_both_ways() -> None:
    calls: list[Callable[[], object]] = [
        lambda: downgrade(build_records_batch(RECORDS, compression=4), 1),
        lambda: upgrade(_encode(0, 1, 4, 5, None, b"")),
        lambda: build_message_set(RECORDS, 1, codec=4),
    ]
    for call in calls:
        with pytest.raises(KafkaError) as refused:
            call()
        assert refused.value.code == ErrorCode.UNSUPPORTED_COMPRESSION_TYPE


def test_control_batches_are_dropped() -> None:
    marker = build_batch(
        b"", base_offset=20, record_count=1, base_timestamp=0, max_timestamp=0, is_control=True
    )

    assert downgrade(marker, 1) == b""
    assert downgrade(build_records_batch(RECORDS) + marker, 1) == build_message_set(RECORDS, 1)


def test_a_wrapper_that_is_empty_or_holds_a_wrapper_is_corrupt() -> None:
    inner = build_message_set(RECORDS, 1, codec=1)
    for content in (b"", inner, build_message_set(RECORDS, 0)):
        with pytest.raises(KafkaError) as refused:
            list(iterate_messages(_encode(0, 1, 1, 5, None, gzip.compress(content))))
        assert refused.value.code == ErrorCode.CORRUPT_MESSAGE


@pytest.mark.parametrize(("magic", "codec"), FORMATS)
def test_a_message_set_cut_inside_a_message_is_corrupt(magic: int, codec: int) -> None:
    message_set = build_message_set(RECORDS[:1], magic, codec=codec)
    for size in range(1, len(message_set)):
        with pytest.raises(KafkaError) as refused:
            list(iterate_messages(message_set[:size]))
        assert refused.value.code == ErrorCode.CORRUPT_MESSAGE


def test_a_changed_byte_fails_the_crc() -> None:
    for at in range(12, len(V0)):
        message_set = bytearray(V0)
        message_set[at] ^= 0x01
        with pytest.raises(KafkaError) as refused:
            list(iterate_messages(message_set))
        assert refused.value.code == ErrorCode.CORRUPT_MESSAGE
