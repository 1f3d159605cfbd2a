"""The time index: bytes as Kafka writes them, look-ups, and files a crash left."""

import struct

from kafkacompat_storage.time_index import TimeIndex, decode_time_index


def index_of(*entries: tuple[int, int]) -> TimeIndex:
    index = TimeIndex()
    for entry in entries:
        index.append(*entry)
    return index


def test_only_rising_timestamps_are_added():
    index = index_of((-1, 0), (100, 5), (100, 9), (90, 12), (110, 20))
    assert list(index.timestamps) == [100, 110]
    assert [index.before(at) for at in (99, 100, 109, 110)] == [
        (-1, 0), (100, 5), (100, 5), (110, 20),
    ]  # fmt: skip
    assert index.last() == (110, 20)


def test_entries_are_int64_and_int32_big_endian():
    index = index_of((100, 5), (110, 20))
    assert index.encode() == struct.pack(">qiqi", 100, 5, 110, 20)
    assert index.encode(1) == struct.pack(">qi", 110, 20)
    read = decode_time_index(index.encode() + bytes(120), 21)
    assert (read.timestamps, read.offsets) == (index.timestamps, index.offsets)


def test_entries_past_the_log_and_half_entries_are_left_out():
    content = index_of((100, 5), (110, 20)).encode()
    assert decode_time_index(content, 20).last() == (100, 5)
    assert decode_time_index(content[:-1], 99).last() == (100, 5)
    assert decode_time_index(bytes(12), 99).last() == (-1, 0)


def test_truncation_drops_what_is_at_or_after():
    index = index_of((100, 5), (110, 20))
    index.truncate(20)
    assert index.last() == (100, 5)
