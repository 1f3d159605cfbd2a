"""What is too old or too much, and that it goes."""

import pytest

from kafkacompat_storage.log import PartitionLog
from kafkacompat_storage.memory_files import MemoryFiles
from kafkacompat_storage.retention import Expiry, Limits, SegmentFacts, Unopened, expired, look_at
from kafkacompat_storage.segment import FileSegment
from kafkacompat_storage.time_index import ENTRY
from tests.support import batches as b
from tests.support.batches import NOW, append, batch, new_log, write

SEGMENTS = [SegmentFacts(10, 100, 1000), SegmentFacts(20, 100, 2000), SegmentFacts(30, 50, 3000)]


def count(
    retention_ms: int = -1, retention_bytes: int = -1, now_ms: int = 3500, high_watermark: int = 30
) -> int:
    return expired(
        SEGMENTS,
        Limits(retention_ms, retention_bytes),
        total_bytes=250,
        now_ms=now_ms,
        high_watermark=high_watermark,
    )


def test_without_limits_all_is_kept():
    assert count() == 0


def test_segments_older_than_the_limit_go():
    assert [count(retention_ms=ms) for ms in (2500, 2499, 1499, 499, 0)] == [0, 1, 2, 3, 3]


def test_segments_go_while_the_rest_is_large_enough():
    assert [count(retention_bytes=size) for size in (151, 150, 50, 0)] == [0, 1, 2, 3]


def test_nothing_above_the_high_watermark_goes():
    assert [count(retention_ms=0, high_watermark=offset) for offset in (9, 10, 29)] == [0, 1, 2]


def test_an_empty_segment_never_goes():
    empty = [SegmentFacts(0, 0, 0)]
    assert expired(empty, Limits(0, 0), total_bytes=0, now_ms=9, high_watermark=0) == 0


def test_no_segment_is_asked_for_after_the_first_that_stays():
    asked = []

    def facts():
        for segment in SEGMENTS:
            asked.append(segment)
            yield segment

    limits = Limits(1499, -1)
    assert expired(facts(), limits, total_bytes=250, now_ms=3500, high_watermark=30) == 2
    assert expired(facts(), limits, total_bytes=250, now_ms=3000, high_watermark=30) == 1
    assert asked == [*SEGMENTS, *SEGMENTS[:2]]


def retain(log: PartitionLog, now_ms: int, retention_ms: int, retention_bytes: int) -> int:
    expiry = Expiry(log, Limits(retention_ms, retention_bytes))
    expiry.find(now_ms)
    return len(expiry.apply(now_ms))


def test_a_log_whose_records_are_all_old_is_rolled_and_emptied():
    log = new_log()
    for number in range(30):
        append(log, batch(b"%02d" % number))
    segments = len(log.segments)
    assert retain(log, NOW + 1000, 1000, -1) == 0
    assert retain(log, NOW + 1001, 1000, -1) == segments
    assert (log.log_start_offset, log.end_offset, log.size_bytes) == (30, 30, 0)
    assert append(log, batch(b"new")) == 30
    assert b.read_all(log)


def test_producers_are_remembered_after_their_segments_are_gone():
    log = new_log()
    for number in range(5):
        append(log, batch(b"x" * 300, producer_id=1, epoch=0, sequence=number))
    retain(log, NOW + 1001, 1000, -1)
    assert log.log_start_offset == 5
    again = new_log(log.folder.files, recovery_point=5)  # type: ignore[arg-type]
    content = batch(b"x" * 300, producer_id=1, epoch=0, sequence=0)
    appended = write(again, memoryview(content), now_ms=NOW, leader_epoch=0)
    assert (appended.base_offset, appended.is_duplicate, again.end_offset) == (0, True, 5)


def old_log() -> PartitionLog:
    """Three segments, whose records are a second apart."""
    log = new_log()
    for number in range(30):
        append(log, batch(b"%02d" % number, timestamp=NOW + 1000 * number))
    assert len(log.segments) == 3
    return log


def test_the_active_segment_stays_if_it_was_appended_to_meanwhile():
    log = old_log()
    later_ms = NOW + 100_000
    expiry = Expiry(log, Limits(1000, -1))
    expiry.find(later_ms)
    assert expiry.count == len(log.segments)
    append(log, batch(b"new", timestamp=later_ms))
    assert expiry.apply(later_ms) == []


def test_what_has_gone_meanwhile_does_not_go_twice():
    log = old_log()
    twice = [Expiry(log, Limits(-1, 500)) for _ in range(2)]
    for expiry in twice:
        expiry.find(NOW)
    assert twice[0].apply(NOW)
    start = log.log_start_offset
    assert (twice[1].apply(NOW), log.log_start_offset) == ([], start)


def reopened(damage: bytes | None) -> PartitionLog:
    """The old log, opened again with other bytes in the first segment's time index."""
    files = old_log().folder.files
    assert isinstance(files, MemoryFiles)
    path = "/d/t-0/00000000000000000000.timeindex"
    content = files.read_file(path)
    assert content
    if damage is not None:
        files.write_file(path, damage, sync=False)
    return new_log(files)


@pytest.mark.parametrize(
    "damage",
    [None, b"", ENTRY.pack(1, 0), ENTRY.pack(1, 1), ENTRY.pack(NOW - 9000, 2), b"garbled"],
)
def test_a_wrong_time_index_makes_nothing_older_than_it_is(damage: bytes | None):
    log = reopened(damage)
    first = log.segments[0]
    assert isinstance(first, FileSegment)
    newest = NOW + 1000 * (first.next_offset - 1)
    assert first.find_latest_timestamp() == newest
    assert retain(log, newest + 1000, 1000, -1) == 0
    assert retain(log, newest + 1001, 1000, -1) == 1


def test_a_folder_tells_what_may_expire_without_being_opened():
    log = old_log()
    files = log.folder.files
    assert isinstance(files, MemoryFiles)
    facts = look_at(files, "/d/t-0")
    first = log.segments[0]
    newest = NOW + 1000 * (first.next_offset - 1)
    assert facts == Unopened(log.size_bytes, first.size, newest)
    assert not facts.may_expire(Limits(-1, -1), NOW + 10**9)
    assert not facts.may_expire(Limits(1000, -1), newest + 1000)
    assert facts.may_expire(Limits(1000, -1), newest + 1001)
    least = log.size_bytes - first.size
    assert [facts.may_expire(Limits(-1, least + more), NOW) for more in (0, 1)] == [True, False]


def test_a_folder_that_is_empty_or_missing_has_nothing_to_expire():
    files = MemoryFiles()
    files.mkdir("/d/t-0")
    limits = Limits(0, 0)
    for folder in ("/d/t-0", "/d/t-1"):
        assert not look_at(files, folder).may_expire(limits, NOW)


def test_a_folder_without_a_time_index_may_hold_anything():
    files = old_log().folder.files
    assert isinstance(files, MemoryFiles)
    files.unlink("/d/t-0/00000000000000000000.timeindex")
    assert look_at(files, "/d/t-0").may_expire(Limits(1 << 40, -1), NOW)
