"""Snapshots of producers: bytes as Kafka writes them, ours beside them, every cut."""

import struct

from crc32c import crc32c

from kafkacompat_storage.producer_snapshot import (
    decode_snapshot,
    encode_snapshot,
    encode_windows,
)
from kafkacompat_storage.producer_state import Producer, SequencedBatch

WINDOW = tuple(SequencedBatch(n * 2 + 1, n * 2 + 1, 1, 1000 + n) for n in range(5))
PRODUCERS = {
    7: Producer(3, WINDOW, 1004, coordinator_epoch=2, first_offset=8),
    9: Producer(0, (), 1100),
}


def test_the_snapshot_is_kafkas():
    body = struct.pack(">i", 2)
    body += struct.pack(">qhiqiqiq", 7, 3, 9, 9, 1, 1004, 2, 8)
    body += struct.pack(">qhiqiqiq", 9, 0, -1, -1, 0, 1100, -1, -1)
    assert encode_snapshot(PRODUCERS) == struct.pack(">hI", 1, crc32c(body)) + body


def test_with_the_windows_all_five_batches_come_back_without_them_the_last():
    whole = decode_snapshot(encode_snapshot(PRODUCERS), encode_windows(PRODUCERS))
    assert whole == PRODUCERS
    for windows in (None, b"", b"\0\1garbage!!!"):
        last = decode_snapshot(encode_snapshot(PRODUCERS), windows)
        assert last == {7: PRODUCERS[7]._replace(window=WINDOW[-1:]), 9: PRODUCERS[9]}


def test_windows_of_another_time_are_not_believed():
    stale = {7: PRODUCERS[7]._replace(window=WINDOW[:-1]), 9: PRODUCERS[9]._replace(epoch=5)}
    found = decode_snapshot(encode_snapshot(PRODUCERS), encode_windows(stale))
    assert found is not None
    assert found[7].window == WINDOW[-1:]


def test_a_cut_or_changed_snapshot_is_none():
    content = encode_snapshot(PRODUCERS)
    for size in range(len(content)):
        assert decode_snapshot(content[:size], None) is None
    for at in range(2, len(content)):
        changed = bytearray(content)
        changed[at] ^= 4
        assert decode_snapshot(bytes(changed), None) is None
    windows = encode_windows(PRODUCERS)
    for size in range(len(windows)):
        found = decode_snapshot(content, windows[:size])
        assert found is not None
        assert found[7].window == WINDOW[-1:]


def test_a_count_that_lies_is_no_snapshot():
    body = struct.pack(">i", 3)
    content = struct.pack(">hI", 1, crc32c(body)) + body
    assert decode_snapshot(content, None) is None
    found = decode_snapshot(encode_snapshot(PRODUCERS), content)
    assert found is not None
    assert found[7].window == WINDOW[-1:]
