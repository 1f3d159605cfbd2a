"""A segment in memory, beside the segment in files: both answer the same."""

import pytest

from kafkacompat_protocol.records.batch import patch_base_offset
from kafkacompat_storage.memory_files import MemoryFiles
from kafkacompat_storage.memory_segment import MemorySegment
from kafkacompat_storage.segment import FileSegment
from kafkacompat_storage.segments import Chunk, Segment
from tests.support.batches import NOW, batch


def file_segment() -> Segment:
    files = MemoryFiles()
    files.mkdir("/d")
    segment = FileSegment(files, "/d", 100, created_ms=NOW, index_interval=150)
    segment.create()
    return segment


@pytest.fixture(params=["memory", "file"])
def segment(request: pytest.FixtureRequest) -> Segment:
    return MemorySegment(100, NOW) if request.param == "memory" else file_segment()


def fill(segment: Segment, count: int = 20) -> list[bytes]:
    """Batches of two records with a gap of one between them, as compaction leaves."""
    made = []
    for number in range(count):
        content = batch(b"x" * (number % 5 * 20), b"y", timestamp=NOW + number)
        patch_base_offset(content, 0, 100 + number * 3)
        segment.stage(content, 100 + number * 3 + 1, NOW + number)
        made.append(bytes(content))
    segment.write_staged()
    return made


def test_offsets_are_located_in_batches_and_in_gaps(segment: Segment):
    made = fill(segment)
    position = 0
    for number, content in enumerate(made):
        for offset in range(100 + number * 3, 100 + number * 3 + 2):
            assert segment.locate(offset) == position
        position += len(content)
        assert segment.locate(100 + number * 3 + 2) == position
    assert segment.locate(9999) == segment.size == position
    assert (segment.next_offset, segment.max_timestamp) == (159, NOW + 19)


def test_reads_give_whole_batches_up_to_both_limits(segment: Segment):
    made = fill(segment)
    whole = b"".join(made)
    ends = [len(b"".join(made[:count])) for count in range(len(made) + 1)]
    for first in range(len(made)):
        for max_bytes in (1, 61, 300, 1000, 9999):
            for last in (first + 1, len(made) - 3, len(made)):
                if last <= first:
                    continue
                found = segment.read(ends[first], max_bytes, ends[last], True)
                assert isinstance(found, Chunk)
                content = b"".join(bytes(part) for part in found.buffers)
                limit = min(max(ends[first] + max_bytes, ends[first + 1]), ends[last])
                end = max(at for at in ends if at <= limit)
                assert content == whole[ends[first] : end]
    assert segment.read(0, 60, segment.size, False) == ([], 0, -1)


def test_timestamps_are_located_at_or_before_the_first_that_is_high_enough(segment: Segment):
    made = fill(segment)
    for number in range(20):
        at = segment.locate_timestamp(NOW + number)
        assert at <= len(b"".join(made[:number]))
        assert at in [len(b"".join(made[:count])) for count in range(21)]


def test_truncation_leaves_what_was_before(segment: Segment):
    made = fill(segment)
    position = len(b"".join(made[:7]))
    segment.forget(position, 121)
    assert (segment.size, segment.next_offset, segment.max_timestamp) == (position, 121, NOW + 6)
    assert b"".join(bytes(batch.content) for batch in segment.scan()) == b"".join(made[:7])
    again = fill(segment, 1)
    assert segment.size == position + len(again[0])


def test_several_batches_are_appended_at_once(segment: Segment):
    from kafkacompat_protocol.records.batch import read_batches

    content = bytearray()
    for number in range(9):
        part = batch(b"x" * 40, timestamp=NOW + number)
        patch_base_offset(part, 0, 100 + number)
        content += part
    headers = [header for _, header in read_batches(content)]
    segment.stage_several(memoryview(content), headers)
    segment.write_staged()
    assert (segment.next_offset, segment.max_timestamp, segment.size) == (
        109,
        NOW + 8,
        len(content),
    )
    assert [segment.locate(100 + n) for n in range(9)] == [len(content) // 9 * n for n in range(9)]
