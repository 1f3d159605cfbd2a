"""Segments that come, go, and take each other's place."""

from itertools import pairwise

from kafkacompat_storage.memory_segment import MemorySegment
from kafkacompat_storage.segment_list import SegmentList
from kafkacompat_storage.segments import Segment


def made(*bases: int) -> list[Segment]:
    segments: list[Segment] = [MemorySegment(base, 0) for base in bases]
    for segment, following in pairwise(segments):
        segment.next_offset = following.base_offset
        segment.size = 10
    return segments


def test_the_segment_of_an_offset_is_the_last_that_begins_before():
    parts = SegmentList(made(5, 10, 20))
    assert [parts.number_of(offset) for offset in (0, 5, 9, 10, 19, 20, 99)] == [
        0,
        0,
        0,
        1,
        1,
        2,
        2,
    ]
    assert parts.size_bytes == 20


def test_the_first_are_dropped_and_whoever_reads_keeps_his_list():
    segments = made(0, 10, 20)
    parts = SegmentList(list(segments))
    parts.unsynced = segments[:2]
    reading = parts.all
    assert parts.drop(1) == segments[:1]
    assert (parts.all, parts.bases, parts.unsynced) == (segments[1:], [10, 20], segments[1:2])
    assert reading == segments


def test_one_takes_the_place_of_some_that_are_there():
    segments = made(0, 10, 20, 30)
    parts = SegmentList(list(segments))
    parts.unsynced = segments[1:3]
    new = MemorySegment(10, 0)
    assert parts.replace(segments[1:3], new)
    assert (parts.all, parts.bases) == ([segments[0], new, segments[3]], [0, 10, 30])
    assert parts.unsynced == []
    assert not parts.replace(segments[1:3], new), "they are gone"
    assert not parts.replace([segments[3]], new), "the last one is appended to"
    assert not parts.replace([segments[0], segments[3]], new), "others are between"


def test_what_is_sealed_is_unsynced_until_taken():
    segments = made(0, 10)
    parts = SegmentList(list(segments))
    fresh = MemorySegment(20, 0)
    parts.add(fresh)
    assert (parts.all[-1], parts.synced_to(25), parts.synced_to(5)) == (fresh, 10, 5)
    assert parts.take_unsynced() == [segments[1]]
    assert parts.take_unsynced() == []
    segments[1].next_offset = 20
    parts.note_unsynced(15)
    assert parts.unsynced == [segments[1]]


def test_what_follows_a_segment_is_cut():
    segments = made(0, 10, 20)
    parts = SegmentList(list(segments))
    parts.cut_after(segments[1])
    assert (parts.all, parts.bases) == (segments[:2], [0, 10])
