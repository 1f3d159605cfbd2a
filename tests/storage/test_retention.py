"""What is too old or too much, and that it goes."""

from kafkacompat_storage.retention import SegmentFacts, expired, retain
from tests.support import batches as b
from tests.support.batches import NOW, append, batch, new_log, write

SEGMENTS = [SegmentFacts(10, 100, 1000), SegmentFacts(20, 100, 2000), SegmentFacts(30, 50, 3000)]


def count(
    retention_ms: int = -1, retention_bytes: int = -1, now_ms: int = 3500, high_watermark: int = 30
) -> int:
    return expired(
        SEGMENTS,
        now_ms=now_ms,
        retention_ms=retention_ms,
        retention_bytes=retention_bytes,
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
    limits = {"retention_ms": 0, "retention_bytes": 0, "high_watermark": 0}
    assert expired(empty, now_ms=9, **limits) == 0


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
