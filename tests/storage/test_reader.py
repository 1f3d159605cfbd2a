"""Hints: sequential readers do not search again, and hints are bounded and never stale."""

from kafkacompat_storage import reader as r
from kafkacompat_storage.log import PartitionLog, Read
from kafkacompat_storage.segment import FileSegment
from kafkacompat_storage.segments import Need
from tests.support import batches as b
from tests.support.batches import append, batch, new_log


def searches(log: PartitionLog, start: int, step: int) -> int:
    """Read on from `start` and count how often a place had to be searched for."""
    count = 0
    locate = FileSegment.locate

    def counted(self: FileSegment, offset: int) -> int | Need:
        nonlocal count
        count += 1
        return locate(self, offset)

    FileSegment.locate = counted  # type: ignore[method-assign]
    try:
        b.read_all(log, start, step)
    finally:
        FileSegment.locate = locate  # type: ignore[method-assign]
    return count


def test_a_sequential_reader_searches_once():
    log = new_log(with_rules=b.rules(segment_bytes=1 << 20))
    for number in range(200):
        append(log, batch(b"%03d" % number))
    assert searches(log, 0, 500) == 1
    append(log, batch(b"more"))
    assert searches(log, 200, 500) == 0


def test_hints_are_bounded_and_forgotten_when_something_is_cut():
    log = new_log(with_rules=b.rules(segment_bytes=1 << 20))
    for number in range(200):
        append(log, batch(b"%03d" % number))
    reader = log._reader
    for offset in range(200):
        log.read(offset, 1, up_to=200, at_least_one=True)
    assert len(reader._hints) <= r._HINTS_LIMIT
    reader.forget()
    assert not reader._hints
    found = log.read(77, 1, up_to=200, at_least_one=True)
    assert isinstance(found, Read)
    assert b.offsets(bytes(found.buffers[0])) == [(77, 1)]


def test_indexes_of_sealed_segments_are_given_back():
    log = new_log()
    for number in range(300):
        append(log, batch(b"%03d" % number))
    log.close(clean=True)
    again = new_log(log.folder.files)  # type: ignore[arg-type]
    assert len(again.segments) > r._OPEN_INDEXES_LIMIT + 2
    whole = b.read_all(again, max_bytes=400)
    assert len(b.offsets(whole)) == 300
    loaded = [s for s in again.segments[:-1] if s._index is not None]  # type: ignore[attr-defined]
    assert len(loaded) <= r._OPEN_INDEXES_LIMIT
