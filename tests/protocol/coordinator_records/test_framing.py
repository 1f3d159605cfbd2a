"""Records of __consumer_offsets are framed as Kafka's group coordinator does."""

import pytest

from kafkacompat_protocol.coordinator_records.framing import (
    CoordinatorRecord,
    decode_record,
    encode_key,
    encode_value,
)
from kafkacompat_protocol.coordinator_records.group.group_metadata import GroupMetadataKey
from kafkacompat_protocol.coordinator_records.group.offset_commit import (
    OffsetCommitKey,
    OffsetCommitValue,
)
from kafkacompat_protocol.errors import WireError

KEY = b"\x00\x01" + b"\x00\x01g" + b"\x00\x01t" + b"\x00\x00\x00\x07"
VALUE = (
    b"\x00\x03"
    + b"\x00\x00\x00\x00\x00\x00\x00\x2a"  # offset 42
    + b"\x00\x00\x00\x05"  # leader epoch 5
    + b"\x00\x01m"
    + b"\x00\x00\x00\x00\x00\x00\x03\xe8"  # at 1000 ms
)
COMMIT = OffsetCommitKey(group="g", topic="t", partition=7)
COMMITTED = OffsetCommitValue(offset=42, leader_epoch=5, metadata="m", commit_timestamp=1000)


def test_an_offset_commit_is_written_and_read() -> None:
    assert encode_key(COMMIT) == KEY
    assert encode_value(COMMITTED, 3) == VALUE
    assert decode_record("group", KEY, VALUE) == CoordinatorRecord(1, COMMIT, COMMITTED)


def test_record_type_0_is_an_offset_commit_too() -> None:
    assert decode_record("group", b"\x00\x00" + KEY[2:], VALUE) == CoordinatorRecord(
        1, COMMIT, COMMITTED
    )


def test_a_null_value_is_a_tombstone() -> None:
    key = encode_key(GroupMetadataKey(group="g"))

    assert decode_record("group", key, None) == CoordinatorRecord(
        2, GroupMetadataKey(group="g"), None
    )


def test_an_unknown_type_has_no_key() -> None:
    assert decode_record("group", b"\x00\x63rest", b"") == CoordinatorRecord(99, None, None)


def test_a_version_of_the_future_is_refused() -> None:
    with pytest.raises(WireError, match="version 9"):
        decode_record("group", KEY, b"\x00\x09" + VALUE[2:])


def test_a_key_or_value_cut_anywhere_is_refused() -> None:
    for size in range(len(KEY)):
        with pytest.raises(WireError):
            decode_record("group", KEY[:size], VALUE)
    for size in range(len(VALUE)):
        with pytest.raises(WireError):
            decode_record("group", KEY, VALUE[:size])
