"""Records of format v2, against kafka-python's own reader and writer."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.record import MemoryRecords
from kafka.record.default_records import DefaultRecordBatchBuilder

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.records.batch import HEADER_SIZE, build_batch, check_crc
from kafkacompat_protocol.records.record import (
    Record,
    build_records_batch,
    encode_records,
    iterate_records,
)

RECORDS = [
    Record(100, 1_700_000_000_000, b"key", b"value", [("h", b"1"), ("none", None)]),
    Record(101, 1_700_000_000_005, None, b"", []),
    Record(105, 1_699_999_999_000, b"", None, [("", b"")]),
]
CODECS = [0, 1, 2, 3, 4]
some_bytes = st.none() | st.binary(max_size=300)
headers = st.lists(st.tuples(st.text(max_size=8), some_bytes), max_size=3)


def read_by_kafka_python(batch: bytes) -> list[Record]:
    (found,) = list(MemoryRecords(batch))
    assert found.validate_crc()
    return [Record(r.offset, r.timestamp, r.key, r.value, r.headers) for r in found]


def written_by_kafka_python(records: list[Record], codec: int) -> bytes:
    builder: Any = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=codec,
        is_transactional=False,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=1 << 20,
    )
    for offset, r in enumerate(records):
        builder.append(offset, r.timestamp, r.key, r.value, r.headers)
    return bytes(builder.build())


@pytest.mark.parametrize("codec", CODECS)
def test_kafka_python_reads_our_batches(codec: int) -> None:
    batch = build_records_batch(RECORDS, compression=codec)

    assert read_by_kafka_python(bytes(batch)) == RECORDS


@pytest.mark.parametrize("codec", CODECS)
@given(
    fields=st.lists(
        st.tuples(st.integers(0, 2**42), some_bytes, some_bytes, headers), min_size=1, max_size=5
    )
)
def test_we_read_kafka_pythons_batches_and_write_the_same_records(
    codec: int, fields: list[tuple[int, bytes, bytes, list[tuple[str, bytes | None]]]]
) -> None:
    records = [Record(offset, *rest) for offset, rest in enumerate(fields)]
    theirs = written_by_kafka_python(records, codec)

    assert list(iterate_records(theirs)) == records
    ours = build_records_batch(records, compression=codec, partition_leader_epoch=0)
    assert codec or bytes(ours) == theirs


def test_the_bytes_of_one_record() -> None:
    record = Record(offset=11, timestamp=1003, key=b"k", value=None, headers=[("h", b"v")])

    assert encode_records([record], base_offset=10, base_timestamp=1000) == bytes(
        [
            *(22, 0),  # length 11, attributes
            *(6, 2),  # timestamp 3 after the base, offset 1 after the base
            *(2, ord("k"), 1),  # key of 1 byte, null value
            *(2, 2, ord("h"), 2, ord("v")),  # one header
        ]
    )


def test_log_append_time_counts_for_every_record() -> None:
    batch = build_records_batch(RECORDS, timestamp_type=1, max_timestamp=77)

    assert [r.timestamp for r in iterate_records(batch)] == [77, 77, 77]


def test_the_frame_takes_what_build_batch_takes() -> None:
    batch = build_records_batch(RECORDS[:1], producer_id=7, producer_epoch=1, base_sequence=3)

    assert check_crc(batch, 0, len(batch))
    assert read_by_kafka_python(bytes(batch)) == RECORDS[:1]


def test_an_empty_batch_that_compaction_left_has_no_records() -> None:
    empty = build_batch(
        b"", base_offset=5, record_count=0, base_timestamp=0, max_timestamp=-1, last_offset_delta=3
    )

    assert list(iterate_records(empty)) == []


def test_header_keys_that_are_not_utf8_survive() -> None:
    batch = bytearray(build_records_batch([Record(0, 0, None, None, [("x", b"")])]))
    batch[batch.index(b"x")] = 0xFF

    (record,) = iterate_records(batch)

    assert encode_records([record]) == bytes(batch[HEADER_SIZE:])


def test_a_payload_cut_anywhere_is_corrupt() -> None:
    payload = encode_records(RECORDS, base_offset=100, base_timestamp=RECORDS[0].timestamp)
    for size in range(len(payload)):
        batch = build_batch(
            payload[:size], base_offset=100, record_count=3, base_timestamp=0, max_timestamp=0
        )
        with pytest.raises(KafkaError) as refused:
            list(iterate_records(batch))
        assert refused.value.code == ErrorCode.CORRUPT_MESSAGE


def test_a_batch_cut_anywhere_is_corrupt() -> None:
    batch = build_records_batch(RECORDS)
    for size in range(len(batch)):
        with pytest.raises(KafkaError):
            list(iterate_records(batch[:size]))


@pytest.mark.parametrize("count", [0, 2, 4, -1])
def test_a_record_count_that_does_not_fit_is_corrupt(count: int) -> None:
    payload = encode_records(RECORDS, base_offset=100)
    batch = build_batch(
        payload, base_offset=100, record_count=count, base_timestamp=0, max_timestamp=0
    )

    with pytest.raises(KafkaError):
        list(iterate_records(batch))


@given(at=st.integers(0, 200), byte=st.integers(0, 255))
def test_a_changed_byte_is_read_or_refused(at: int, byte: int) -> None:
    batch = build_records_batch(RECORDS)
    batch[HEADER_SIZE + at % (len(batch) - HEADER_SIZE)] = byte
    with suppress(KafkaError):
        list(iterate_records(batch))


def test_a_bomb_is_stopped_at_the_cap() -> None:
    batch = build_records_batch([Record(0, 0, None, bytes(2 << 20))], compression=4)

    with pytest.raises(KafkaError) as refused:
        list(iterate_records(batch, max_bytes=1 << 20))
    assert refused.value.code == ErrorCode.MESSAGE_TOO_LARGE
