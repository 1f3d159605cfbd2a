"""What a look at a log tells, and the task that it makes."""

from kafkacompat_storage.compaction.batches import LastOfProducer
from kafkacompat_storage.compaction.choice import Dirt, Range, SegmentFacts
from kafkacompat_storage.compaction.looking import Look, may_be_dirty
from kafkacompat_storage.memory_files import MemoryFiles
from kafkacompat_storage.txn_index import AbortedTransaction
from tests.support import batches as b
from tests.support.compaction import RULES, keyed

LAGS = RULES._replace(min_lag_ms=1, max_lag_ms=5)


def write(log, offset: int, **how) -> None:  # type: ignore[no-untyped-def]
    b.append(log, keyed((b"k", b"%d" % offset), timestamp=b.NOW + offset, **how))


def filled(files: MemoryFiles | None = None):  # type: ignore[no-untyped-def]
    """Offsets 0-2, 3-4 and 5, of which 1-2 were aborted; 6 is open."""
    log = b.memory_log() if files is None else b.new_log(files)
    write(log, 0, producer_id=1, epoch=0, sequence=0)
    write(log, 1, producer_id=2, epoch=3, sequence=0, transactional=True)
    b.append(log, b.marker(2, 3, commit=False), own=True)
    log.roll(b.NOW)
    write(log, 3, producer_id=1, epoch=0, sequence=1)
    write(log, 4)
    log.roll(b.NOW)
    write(log, 5)
    log.roll(b.NOW)
    write(log, 6, producer_id=4, epoch=0, sequence=0, transactional=True)
    return log


def test_a_look_tells_of_sealed_segments_and_what_is_new():
    for files in (None, MemoryFiles()):
        log = filled(files)
        look = Look(log, 3)
        sizes = [segment.size for segment in log.segments]
        facts = look.facts(LAGS)
        assert facts == [
            SegmentFacts(0, 3, sizes[0]),
            SegmentFacts(3, 5, sizes[1], b.NOW + 3, b.NOW + 4),
            SegmentFacts(5, 6, sizes[2], b.NOW + 5, b.NOW + 5),
        ]
        span, dirt = look.judge(facts, LAGS, b.NOW + 6)
        assert span == Range(3, 6)
        assert dirt == Dirt(sizes[0], sizes[1] + sizes[2], 0)
        assert look.judge(facts, LAGS, b.NOW + 9)[1].delay_ms == 1
        assert look.judge(facts, LAGS, b.NOW + 5)[0] == Range(3, 5)
        assert (look.has_dirt, Look(log, 6).has_dirt, Look(log, None).has_dirt) == (
            True,
            False,
            True,
        )


def test_timestamps_are_looked_up_after_a_restart_too():
    files = MemoryFiles()
    filled(files).close(clean=True)
    facts = Look(b.new_log(files), 3).facts(LAGS)
    assert [fact.first_timestamp for fact in facts] == [-1, b.NOW + 3, b.NOW + 5]
    assert [fact.latest_timestamp for fact in facts] == [-1, b.NOW + 4, b.NOW + 5]
    assert {fact[3:] for fact in Look(b.new_log(files), 3).facts(RULES)} == {(-1, -1)}


def test_a_task_has_what_a_pass_needs():
    for files in (None, MemoryFiles()):
        look = Look(filled(files), 0)
        look.remember()
        facts = look.facts(RULES)
        span = Range(0, 4)
        task = look.task(facts, span, RULES, now_ms=9, memory_bytes=100, load_factor=0.5)
        assert [segment.base_offset for segment in task.segments] == [0, 3]
        assert (task.span, task.now_ms, task.memory_bytes, task.load_factor) == (span, 9, 100, 0.5)
        assert task.aborted == [AbortedTransaction(2, 1, 2, 3)]
        assert task.last_batches == {
            1: LastOfProducer(3, 0),
            2: LastOfProducer(1, 3),
            4: LastOfProducer(6, 0),
        }


def test_a_log_of_one_segment_has_nothing():
    log = b.memory_log()
    write(log, 0)
    assert (Look(log, None).sealed, Look(log, None).has_dirt) == ([], False)


def test_a_log_that_is_not_open_is_dirty_by_its_names():
    files = MemoryFiles()
    assert not may_be_dirty(files, "/d/t-0", None)
    filled(files).close(clean=True)
    found = [may_be_dirty(files, "/d/t-0", cleaned) for cleaned in (None, 0, 5, 6)]
    assert found == [True, True, True, False]
