"""What a topic wants of records. That Kafka wants the same is shown in compat-tests."""

import gzip
from typing import Any

import pytest

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.records.batch import check_crc, read_batches, read_header
from kafkacompat_protocol.records.compression import compress
from kafkacompat_protocol.records.legacy import build_message_set
from kafkacompat_protocol.records.record import Record, build_records_batch, iterate_records
from kafkacompat_storage.prepare import Wanted, prepare, wanted
from kafkacompat_storage.validate import AppendRules, InvalidRecords

NOW_MS = 1_700_000_000_000
RECORDS = [Record(at, NOW_MS + at, b"k%d" % at, b"value " * 9, [("h", b"x")]) for at in range(50)]


def wish(rules: AppendRules | None = None, *, is_old: bool = False, **changes: Any) -> Wanted:
    rules = rules or AppendRules()
    for name, value in changes.items():
        setattr(rules, name, value)
    found = wanted("t-0", rules, NOW_MS, is_old=is_old)
    assert found is not None
    return found


def built(records: list[Record] = RECORDS, codec: int = 0, **frame: Any) -> bytes:
    return bytes(build_records_batch(records, compression=codec, **frame))


def refused(content: bytes, wishes: Wanted, max_bytes: int = 1 << 20) -> KafkaError:
    with pytest.raises(KafkaError) as raised:
        prepare(content, wishes, max_bytes)
    return raised.value


def test_nobody_looks_at_records_without_a_reason() -> None:
    assert wanted("t-0", AppendRules(), NOW_MS, is_old=False) is None
    assert wish(compacted=True)
    assert wish(codec=0)
    assert wish(timestamp_before_max_ms=1)
    assert wish(is_old=True)


@pytest.mark.parametrize("codec", range(5))
@pytest.mark.parametrize("target", range(5))
def test_a_batch_gets_the_topics_codec_and_is_the_same_otherwise(codec: int, target: int) -> None:
    frame = {"producer_id": 7, "producer_epoch": 2, "base_sequence": 9, "is_transactional": True}
    content = built(codec=codec, **frame)
    made = prepare(content, wish(codec=target))
    header = read_header(made)
    assert (header.compression, header.size) == (target, len(made))
    assert check_crc(made, 0, len(made))
    assert list(iterate_records(made)) == RECORDS
    same = {"batch_length": 0, "crc": 0, "attributes": 0}
    assert header._replace(**same) == read_header(content)._replace(**same)
    if codec == target:
        assert made == content


def test_levels_are_the_topics() -> None:
    size = {
        (codec, level): len(prepare(built(), wish(codec=codec, compression_level=level)))
        for codec, level in ((1, 1), (1, 9), (4, -50), (4, 22))
    }
    assert size[1, 1] > size[1, 9]
    assert size[4, -50] > size[4, 22]


def test_records_without_a_key_are_named_in_kafkas_words() -> None:
    keyless = [Record(at, NOW_MS, None if at in (1, 4) else b"k", b"v") for at in range(6)]
    error = refused(built(keyless), wish(compacted=True))
    assert isinstance(error, InvalidRecords)
    why = "Compacted topic cannot accept message without key in topic partition t-0"
    assert error.code == ErrorCode.INVALID_RECORD
    assert error.record_errors == [(1, why), (4, why)]
    assert error.message == (
        "One or more records have been rejected due to 2 record errors in total, and only showing"
        f" the first three errors at most: [RecordError(batchIndex=1, message='{why}'),"
        f" RecordError(batchIndex=4, message='{why}')]"
    )


def test_a_refusal_names_a_bounded_number_of_records() -> None:
    keyless = [Record(at, NOW_MS, None, b"") for at in range(3000)]
    error = refused(built(keyless), wish(compacted=True))
    assert isinstance(error, InvalidRecords)
    assert len(error.record_errors) == 1000
    assert "due to 3000 record errors" in (error.message or "")


def test_untimely_records_are_named() -> None:
    times = [NOW_MS, NOW_MS - 1001, NOW_MS + 3_600_001, -1]
    some = [Record(at, time_ms, b"k", b"v") for at, time_ms in enumerate(times)]
    error = refused(built(some), wish(timestamp_before_max_ms=1000))
    assert isinstance(error, InvalidRecords)
    limits = f"within [{NOW_MS - 1000}, {NOW_MS + 3_600_000}]"
    assert error.code == ErrorCode.INVALID_TIMESTAMP
    assert [at for at, _ in error.record_errors] == [1, 2]
    assert all(why.endswith(limits) for _, why in error.record_errors)


@pytest.mark.parametrize("magic", [0, 1])
def test_old_formats_are_converted_checked_and_compressed(magic: int) -> None:
    content = build_message_set(RECORDS[:20], magic, codec=1) + build_message_set(
        RECORDS[20:], magic
    )
    made = prepare(content, wish(is_old=True, codec=3))
    batches = [made[at : at + header.size] for at, header in read_batches(made)]
    assert [read_header(part).compression for part in batches] == [3, 3]
    found = [record for part in batches for record in iterate_records(part)]
    assert [(r.key, r.value) for r in found] == [(r.key, r.value) for r in RECORDS]
    keyless = build_message_set(RECORDS[:20], magic, codec=1) + build_message_set(
        [Record(0, NOW_MS, None, b"x")], magic
    )
    error = refused(keyless, wish(is_old=True, compacted=True))
    assert isinstance(error, InvalidRecords)
    assert [at for at, _ in error.record_errors] == [20]


def test_what_is_no_batch_or_not_one_is_refused() -> None:
    content = built()
    wishes = wish(codec=1)
    assert refused(b"x" * 60, wishes).code == ErrorCode.CORRUPT_MESSAGE
    assert refused(content[:-1], wishes).code == ErrorCode.CORRUPT_MESSAGE
    assert refused(content[:-1] + b"!", wishes).code == ErrorCode.CORRUPT_MESSAGE
    assert refused(content * 2, wishes).code == ErrorCode.INVALID_RECORD
    assert refused(b"", wish(is_old=True)).code == ErrorCode.INVALID_RECORD
    assert refused(content, wish(is_old=True)).code == ErrorCode.INVALID_RECORD
    assert refused(content, wish(max_message_bytes=99, codec=1)).code == ErrorCode.MESSAGE_TOO_LARGE


@pytest.mark.parametrize("codec", [1, 2, 3, 4])
def test_bombs_are_stopped_at_the_cap(codec: int) -> None:
    bomb = built([Record(0, NOW_MS, b"k", bytes(3 << 20))], codec)
    error = refused(bomb, wish(compacted=True), max_bytes=1 << 20)
    assert error.code == ErrorCode.MESSAGE_TOO_LARGE


def test_wrappers_share_one_cap() -> None:
    wrapper = build_message_set([Record(0, NOW_MS, b"k", bytes(300_000))], 1, codec=1)
    prepare(wrapper * 3, wish(is_old=True), 1 << 20)
    error = refused(wrapper * 5, wish(is_old=True), max_bytes=1 << 20)
    assert error.code == ErrorCode.MESSAGE_TOO_LARGE


def test_the_count_is_what_the_header_says() -> None:
    assert refused(built(last_offset_delta=7), wish(codec=1)).code == ErrorCode.INVALID_RECORD


def test_gzip_is_anybodys_gzip() -> None:
    assert gzip.decompress(compress(1, b"abc", level=9)) == b"abc"
