"""Produced batches: each rule, and that what is right passes."""

import pytest

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.records.batch import HEADER, build_batch
from kafkacompat_protocol.records.compression import compress
from kafkacompat_storage import validate
from kafkacompat_storage.validate import (
    AppendRules,
    InvalidRecords,
    check_produced,
    split_batches,
)
from tests.support.batches import NOW, batch, record


def check(content: bytes, rules: AppendRules | None = None) -> None:
    header = HEADER.unpack_from(content)
    check_produced(header, memoryview(content), rules or AppendRules(), NOW)


def refusal(content: bytes, rules: AppendRules | None = None) -> ErrorCode:
    with pytest.raises(KafkaError) as raised:
        check(content, rules)
    return raised.value.code


def framed(**changes: int) -> bytearray:
    usual = {"base_offset": 0, "record_count": 1, "base_timestamp": NOW, "max_timestamp": NOW}
    frame = usual | changes
    return build_batch(record(0, b"v"), **frame)


def test_what_clients_send_passes():
    check(batch(b"a", b"b"))
    check(batch(b"a", producer_id=1, epoch=0, sequence=0, transactional=True))
    check(batch(b"a", timestamp=-1))
    check(framed(compression=4))
    check(framed(partition_leader_epoch=0))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"base_offset": 1}, ErrorCode.INVALID_RECORD),
        ({"record_count": 0, "last_offset_delta": 0}, ErrorCode.INVALID_RECORD),
        ({"record_count": -1, "last_offset_delta": -2}, ErrorCode.INVALID_RECORD),
        ({"last_offset_delta": 1}, ErrorCode.INVALID_RECORD),
        ({"is_control": True}, ErrorCode.INVALID_RECORD),
        ({"delete_horizon_ms": NOW}, ErrorCode.INVALID_RECORD),
        ({"is_transactional": True}, ErrorCode.INVALID_RECORD),
        ({"producer_id": 1}, ErrorCode.INVALID_RECORD),
        ({"producer_id": 1, "producer_epoch": 0}, ErrorCode.INVALID_RECORD),
        ({"producer_id": 1, "base_sequence": 0}, ErrorCode.INVALID_RECORD),
        ({"timestamp_type": 1}, ErrorCode.INVALID_TIMESTAMP),
        ({"max_timestamp": NOW + 3_600_001}, ErrorCode.INVALID_TIMESTAMP),
        ({"compression": 5}, ErrorCode.UNSUPPORTED_COMPRESSION_TYPE),
    ],
)
def test_what_no_client_may_send_is_refused(changes: dict[str, int], code: ErrorCode):
    assert refusal(framed(**changes)) == code


def test_changed_bytes_and_old_formats_are_refused():
    content = batch(b"a")
    content[-1] ^= 1
    assert refusal(content) == ErrorCode.CORRUPT_MESSAGE
    content = batch(b"a")
    content[16] = 1
    assert refusal(content) == ErrorCode.INVALID_RECORD


def test_sizes_are_bounded():
    content = batch(b"x" * 100)
    size = len(content)
    check(content, AppendRules(max_message_bytes=size, segment_bytes=size))
    assert refusal(content, AppendRules(max_message_bytes=size - 1)) == ErrorCode.MESSAGE_TOO_LARGE
    assert refusal(content, AppendRules(segment_bytes=size - 1)) == ErrorCode.RECORD_LIST_TOO_LARGE


def test_a_largest_timestamp_that_a_client_left_out_is_computed():
    first, second = record(0, b"a"), record(1, b"b", timestamp_delta=5)
    content = build_batch(
        first + second, base_offset=0, record_count=2, base_timestamp=NOW, max_timestamp=-1
    )
    header = check_produced(HEADER.unpack_from(content), memoryview(content), AppendRules(), NOW)
    assert header == HEADER.unpack_from(content)
    assert header[8] == NOW + 5
    check(content)


@pytest.mark.parametrize("limit", ["MAX_RECORDS_READ", "MAX_BYTES_READ"])
def test_a_largest_timestamp_that_takes_too_long_to_find_is_the_first_one(
    limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validate, limit, 1)
    payload = compress(1, record(0, b"a" * 9) + record(1, b"b", timestamp_delta=5))
    content = build_batch(
        payload,
        base_offset=0,
        record_count=2,
        base_timestamp=NOW,
        max_timestamp=-1,
        compression=1,
    )
    header = check_produced(HEADER.unpack_from(content), memoryview(content), AppendRules(), NOW)
    assert header == HEADER.unpack_from(content)
    assert header[8] == NOW
    check(content)


def test_a_computed_timestamp_that_no_field_can_hold_is_refused():
    content = build_batch(
        record(0, b"a", timestamp_delta=1),
        base_offset=0,
        record_count=1,
        base_timestamp=(1 << 63) - 1,
        max_timestamp=-1,
    )
    assert refusal(content) == ErrorCode.INVALID_TIMESTAMP
    assert refusal(content, AppendRules(timestamp_type=1)) == ErrorCode.INVALID_TIMESTAMP


def test_old_timestamps_are_refused_where_the_topic_says_so():
    rules = AppendRules(timestamp_before_max_ms=1000)
    check(batch(b"a", timestamp=NOW - 1000), rules)
    assert refusal(batch(b"a", timestamp=NOW - 1001), rules) == ErrorCode.INVALID_TIMESTAMP
    check(batch(b"a", timestamp=0), AppendRules(timestamp_type=1, timestamp_before_max_ms=1000))


def test_untimely_records_are_named_as_far_as_they_can_be_read():
    content = batch(b"a", b"b", timestamp=NOW + 3_600_001)
    with pytest.raises(InvalidRecords) as raised:
        check(content)
    assert [index for index, _ in raised.value.record_errors] == [0, 1]
    large = batch(*[b""] * 10_001, timestamp=NOW + 3_600_001)
    with pytest.raises(InvalidRecords) as raised:
        check(large)
    assert (raised.value.code, raised.value.record_errors) == (ErrorCode.INVALID_TIMESTAMP, [])


def test_rules_say_whether_records_are_looked_at():
    assert not AppendRules(timestamp_type=1, compression_level=3).reads_records
    for rules in ({"codec": 0}, {"compacted": True}, {"timestamp_before_max_ms": 1}):
        assert AppendRules(**rules).reads_records  # type: ignore[arg-type]


def test_buffers_are_cut_into_batches():
    one, two = batch(b"a"), batch(b"b", b"c")
    assert [bytes(part) for part in split_batches(memoryview(one + two))] == [one, two]
    for size in range(1, len(one)):
        with pytest.raises(KafkaError):
            split_batches(memoryview(one[:size]))
    with pytest.raises(KafkaError):
        split_batches(memoryview(b""))
