"""The offset index: bytes as Kafka writes them, look-ups, and files a crash left."""

import struct

from kafkacompat_storage.offset_index import OffsetIndex, decode_offset_index


def index_of(*entries: tuple[int, int]) -> OffsetIndex:
    index = OffsetIndex()
    for entry in entries:
        index.append(*entry)
    return index


def test_look_ups_give_the_last_entry_at_or_before():
    index = index_of((9, 100), (19, 200), (29, 300))
    assert [index.before(at) for at in (8, 9, 18, 19, 99)] == [
        (-1, 0), (9, 100), (9, 100), (19, 200), (29, 300),
    ]  # fmt: skip
    assert [index.before_position(at) for at in (99, 100, 299, 999)] == [
        (-1, 0), (9, 100), (19, 200), (29, 300),
    ]  # fmt: skip
    assert index.last() == (29, 300)


def test_entries_are_pairs_of_big_endian_int32():
    index = index_of((1, 2), (0x7FFFFFFF, 0x7FFFFFFE))
    assert index.encode() == struct.pack(">iiii", 1, 2, 0x7FFFFFFF, 0x7FFFFFFE)
    assert index.encode(1) == struct.pack(">ii", 0x7FFFFFFF, 0x7FFFFFFE)
    assert decode_offset_index(index.encode(), 1 << 31).entries == index.entries


def test_a_file_that_kafka_filled_with_zeros_is_read_to_its_last_entry():
    content = index_of((5, 70), (9, 140)).encode() + bytes(800)
    assert decode_offset_index(content, 1000).last() == (9, 140)
    assert decode_offset_index(bytes(80), 1000).last() == (-1, 0)


def test_entries_past_the_log_or_out_of_order_and_half_entries_are_left_out():
    content = index_of((5, 70), (9, 140)).encode()
    assert decode_offset_index(content, 140).last() == (5, 70)
    assert decode_offset_index(content[:-1], 1000).last() == (5, 70)
    assert decode_offset_index(content + content, 1000).last() == (9, 140)


def test_truncation_drops_what_begins_at_or_after():
    index = index_of((5, 70), (9, 140))
    index.truncate(140)
    assert index.last() == (5, 70)
    index.truncate(0)
    assert index.last() == (-1, 0)
