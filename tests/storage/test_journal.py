"""Group commit: what is visible when, callbacks in order, failures, and that nothing hangs."""

import errno
import threading
from collections.abc import Callable
from functools import partial

import pytest

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_storage.journal import LocalJournal
from kafkacompat_storage.log import Appended, PartitionLog
from tests.support import batches as b
from tests.support.batches import NOW, batch, new_log, read_all
from tests.support.faulty_files import FaultyFiles


class Loop:
    """Stands for the event loop: runs what other threads post, when it is asked to."""

    def __init__(self) -> None:
        self.posted: list[Callable[[], None]] = []
        self.arrived = threading.Condition()

    def post(self, work: Callable[[], None]) -> None:
        with self.arrived:
            self.posted.append(work)
            self.arrived.notify()

    def run_one(self) -> None:
        with self.arrived:
            assert self.arrived.wait_for(lambda: self.posted, 10)
            work = self.posted.pop(0)
        work()


class Bench:
    """A journal over faulty files with two logs, and what its callbacks were told."""

    def __init__(self) -> None:
        self.files = FaultyFiles()
        self.loop = Loop()
        self.journal = LocalJournal("fsync", self.loop.post)
        self.one = new_log(self.files, "/d/one-0")
        self.two = new_log(self.files, "/d/two-0")
        self.told: list[tuple[str, ErrorCode | None]] = []

    def append(self, log: PartitionLog, value: bytes, name: str = "", **batch_of: int) -> Appended:
        content = memoryview(batch(value, **batch_of))
        appended = self.journal.stage(log, content, now_ms=NOW, leader_epoch=0)
        self.journal.write_staged()
        if appended.error is not None:
            raise appended.error
        if name:
            self.journal.when_durable(
                appended, lambda error: self.told.append((name, error and error.code))
            )
        return appended


@pytest.fixture
def bench():
    made = Bench()
    yield made
    if made.files.gate is not None:
        made.files.gate.set()
    made.journal.close()


def test_nothing_is_visible_before_it_is_synced(bench: Bench):
    bench.files.gate = threading.Event()
    appended = bench.append(bench.one, b"x", "x")
    assert (bench.one.end_offset, bench.one.high_watermark) == (1, 0)
    assert not bench.journal.is_durable(appended.ticket)
    assert read_all(bench.one) == b""
    bench.files.gate.set()
    bench.loop.run_one()
    assert bench.journal.is_durable(appended.ticket)
    assert (bench.one.high_watermark, bench.told) == (1, [("x", None)])
    assert bench.files.survivors("power")[0][bench.one.active.paths()[0]] == read_all(bench.one)


def test_what_arrives_during_a_commit_shares_the_next(bench: Bench):
    bench.files.gate = threading.Event()
    for number in range(4):
        bench.append(bench.one, b"x", f"one{number}")
        bench.append(bench.two, b"x", f"two{number}")
    bench.files.gate.set()
    bench.loop.run_one()
    assert bench.told == [("one0", None)]
    assert (bench.one.high_watermark, bench.two.high_watermark) == (1, 0)
    bench.loop.run_one()
    names = [name for name, _ in bench.told]
    assert names == [f"{log}{number}" for number in range(4) for log in ("one", "two")]
    assert (bench.one.high_watermark, bench.two.high_watermark) == (4, 4)


def test_readers_are_told_before_producers(bench: Bench):
    order: list[str] = []
    bench.one.on_high_watermark = lambda log: order.append("reader")
    appended = bench.append(bench.one, b"x")
    bench.journal.when_durable(appended, lambda error: order.append("producer"))
    bench.journal.flush_all()
    assert order == ["reader", "producer"]
    bench.journal.when_durable(appended, lambda error: order.append("late"))
    assert order[-1] == "late"


def test_a_failed_sync_fails_what_waits_and_closes_that_log_only(bench: Bench):
    bench.append(bench.one, b"good", "good")
    bench.journal.flush_all()
    kept = read_all(bench.one)
    path = bench.one.active.paths()[0]
    bench.files.fault = lambda operation, at: (
        OSError(errno.EIO, "bad disk") if (operation, at) == ("sync", path) else None
    )
    bench.files.gate = threading.Event()
    bench.append(bench.one, b"lost", "lost")
    bench.append(bench.one, b"later", "later")
    bench.append(bench.two, b"other", "other")
    bench.files.gate.set()
    bench.journal.flush_all()
    storage_error = ErrorCode.KAFKA_STORAGE_ERROR
    assert bench.told == [
        ("good", None),
        ("lost", storage_error),
        ("later", storage_error),
        ("other", None),
    ]
    assert (bench.one.end_offset, read_all(bench.one)) == (1, kept)
    assert bench.two.high_watermark == 1
    with pytest.raises(KafkaError):
        bench.append(bench.one, b"again")
    bench.append(bench.two, b"again", "again")
    bench.journal.flush_all()
    assert bench.told[-1] == ("again", None)


def test_later_appends_to_a_log_that_failed_are_not_left_waiting(bench: Bench):
    bench.files.fault = lambda operation, at: (
        OSError(errno.EIO, "x") if "sync" in operation else None
    )
    bench.files.gate = threading.Event()
    bench.append(bench.one, b"a", "a")
    late = bench.append(bench.one, b"b")
    bench.files.gate.set()
    bench.loop.run_one()
    assert bench.told == [("a", ErrorCode.KAFKA_STORAGE_ERROR)]
    bench.journal.when_durable(late, lambda error: bench.told.append(("b", error and error.code)))
    assert bench.told[-1] == ("b", ErrorCode.KAFKA_STORAGE_ERROR)


def test_a_full_disk_undoes_the_append_and_lets_the_next_succeed(bench: Bench):
    bench.append(bench.one, b"a", "a")
    bench.files.fault = lambda operation, at: (
        OSError(errno.ENOSPC, "full") if operation == "write" else None
    )
    with pytest.raises(KafkaError) as raised:
        bench.append(bench.one, b"b" * 50)
    assert raised.value.code == ErrorCode.KAFKA_STORAGE_ERROR
    bench.files.fault = lambda operation, at: None
    assert bench.one.active.size == len(bench.files.content(bench.one.active.paths()[0]))
    assert bench.append(bench.one, b"c", "c").base_offset == 1
    bench.journal.flush_all()
    assert bench.told == [("a", None), ("c", None)]
    assert b.offsets(read_all(bench.one)) == [(0, 1), (1, 1)]


def test_a_repeat_waits_for_the_batch_that_it_repeats(bench: Bench):
    bench.files.gate = threading.Event()
    same = {"producer_id": 1, "epoch": 0, "sequence": 0}
    first = bench.append(bench.one, b"a", "first", **same)
    repeat = bench.append(bench.one, b"a", "repeat", **same)
    assert repeat.is_duplicate
    assert repeat.base_offset == first.base_offset
    assert bench.told == []
    bench.files.gate.set()
    bench.journal.flush_all()
    assert bench.told == [("first", None), ("repeat", None)]
    assert bench.append(bench.one, b"a", "after", **same).ticket == 0
    assert bench.told[-1] == ("after", None)


def test_appends_from_callbacks_are_committed_too(bench: Bench):
    appended = bench.append(bench.one, b"a")
    bench.journal.when_durable(appended, lambda error: bench.append(bench.two, b"b", "b") and None)
    bench.journal.flush_all()
    assert (bench.told, bench.two.high_watermark) == ([("b", None)], 1)


def test_a_deletion_during_a_commit_fails_its_appends(bench: Bench):
    bench.files.gate = threading.Event()
    bench.append(bench.one, b"a", "a")
    bench.one.delete()
    bench.files.gate.set()
    bench.journal.flush_all()
    assert bench.told == [("a", ErrorCode.NOT_LEADER_OR_FOLLOWER)]


@pytest.mark.parametrize("durability", ["os", "memory"])
def test_where_written_is_durable_everything_happens_at_once(durability: str):
    journal = LocalJournal("os" if durability == "os" else "memory", lambda work: None)
    log = b.memory_log()
    appended = journal.append(log, memoryview(batch(b"x")), now_ms=NOW, leader_epoch=0)
    told: list[KafkaError | None] = []
    journal.when_durable(appended, told.append)
    assert (log.high_watermark, told) == (1, [None])
    journal.flush_all()
    journal.close()


def test_a_loop_that_is_gone_does_not_hold_the_end_up():
    def post(work: Callable[[], None]) -> None:
        raise RuntimeError("loop is closed")

    journal = LocalJournal("fsync", post)
    log = new_log(FaultyFiles())
    journal.append(log, memoryview(batch(b"x")), now_ms=NOW, leader_epoch=0)
    journal.close()
    assert log.high_watermark == 1


def test_a_callback_that_raises_holds_up_nobody_else(bench: Bench) -> None:
    def raising(error: KafkaError | None) -> None:
        raise ZeroDivisionError

    bench.one.on_high_watermark = lambda log: raising(None)
    first = bench.append(bench.one, b"a")
    bench.journal.when_durable(first, raising)
    bench.append(bench.two, b"b", "two")
    with pytest.raises(ZeroDivisionError):
        bench.loop.run_one()
    bench.loop.run_one()
    assert bench.told == [("two", None)]
    bench.append(bench.two, b"c", "later")
    bench.loop.run_one()
    assert bench.told == [("two", None), ("later", None)]


@pytest.mark.parametrize("durability", ["os", "fsync"])
def test_a_write_that_fails_loses_what_is_staged_in_that_log_only(durability: str) -> None:
    files, loop = FaultyFiles(), Loop()
    journal = LocalJournal("os" if durability == "os" else "fsync", loop.post)
    one, two = new_log(files, "/d/one-0"), new_log(files, "/d/two-0")
    told: list[tuple[int, ErrorCode | None]] = []
    path = one.active.paths()[0]
    files.fault = lambda operation, at: (
        OSError(errno.ENOSPC, "full") if (operation, at) == ("write", path) else None
    )
    for number in range(4):
        content = memoryview(batch(b"x"))
        appended = journal.stage((one, two)[number % 2], content, now_ms=NOW, leader_epoch=0)
        tell = partial(lambda at, error: told.append((at, error and error.code)), number)
        journal.when_durable(appended, tell)
    assert (journal.written_ticket, journal.durable_ticket, told) == (0, 0, [])
    journal.write_staged()
    assert journal.written_ticket == 4
    journal.flush_all()
    lost = ErrorCode.KAFKA_STORAGE_ERROR
    assert told == [(0, lost), (1, None), (2, lost), (3, None)]
    assert (one.high_watermark, two.high_watermark, one.end_offset) == (0, 2, 0)
    files.fault = lambda operation, at: None
    journal.append(one, memoryview(batch(b"y")), now_ms=NOW, leader_epoch=0)
    journal.close()
    assert one.high_watermark == 1


def test_readers_are_woken_once_for_all_that_was_staged() -> None:
    journal, log = LocalJournal("os", lambda work: None), b.memory_log()
    woken: list[int] = []
    log.on_high_watermark = lambda log: woken.append(log.high_watermark)
    for _ in range(3):
        journal.stage(log, memoryview(batch(b"x")), now_ms=NOW, leader_epoch=0)
    assert woken == []
    journal.write_staged()
    assert woken == [3]


def test_who_watches_is_told_of_progress_once(bench: Bench) -> None:
    told: list[int] = []
    bench.append(bench.one, b"a")
    bench.journal.when_progress(lambda: told.append(bench.journal.durable_ticket))
    bench.journal.flush_all()
    bench.append(bench.one, b"b")
    bench.journal.flush_all()
    assert told == [1]


def test_appends_amid_a_commit_do_not_settle_what_is_not_written(bench: Bench):
    journal = LocalJournal("os", bench.loop.post)
    three = new_log(bench.files, "/d/three-0")
    full = bench.two.active.paths()[0]
    bench.files.fault = lambda operation, at: (
        OSError(errno.ENOSPC, "full") if (operation, at) == ("write", full) else None
    )
    seen: list[bool] = []

    def stage(log: PartitionLog) -> Appended:
        return journal.stage(log, memoryview(batch(b"x")), now_ms=NOW, leader_epoch=0)

    def wake(log: PartitionLog) -> None:
        inner = stage(three)
        journal.write_staged()
        assert inner.ticket <= journal.written_ticket
        seen.append(lost.error is None and lost.ticket <= journal.written_ticket)

    bench.one.on_high_watermark = wake
    stage(bench.one)
    lost = stage(bench.two)
    journal.when_durable(lost, lambda error: bench.told.append(("lost", error and error.code)))
    journal.write_staged()
    assert (seen, bench.told) == ([False], [("lost", ErrorCode.KAFKA_STORAGE_ERROR)])
    assert (three.high_watermark, journal.durable_ticket) == (1, 3)


def test_what_a_roll_has_written_is_not_lost_with_what_comes_after_it(bench: Bench):
    size = len(batch(b"x" * 30))
    log = new_log(bench.files, "/d/r-0", with_rules=b.rules(segment_bytes=size))
    staged = [
        bench.journal.stage(log, memoryview(batch(b"x" * 30)), now_ms=NOW, leader_epoch=0)
        for _ in range(2)
    ]
    bench.files.fault = lambda operation, path: (
        OSError(errno.ENOSPC, "full") if operation == "write" and path.endswith("1.log") else None
    )
    bench.journal.write_staged()
    assert [appended.error is None for appended in staged] == [True, False]
    bench.journal.flush_all()
    assert log.high_watermark == 1


def test_a_write_that_fails_in_an_unforeseen_way_loses_that_log_only(bench: Bench):
    def fault(operation: str, at: str) -> None:
        if operation == "write" and "one" in at:
            raise MemoryError

    bench.files.fault = fault
    lost, kept = (
        bench.journal.stage(log, memoryview(batch(b"x")), now_ms=NOW, leader_epoch=0)
        for log in (bench.one, bench.two)
    )
    bench.journal.flush_all()
    assert (lost.error is None, kept.error) == (False, None)
    assert (bench.one.end_offset, bench.two.high_watermark) == (0, 1)


def test_an_append_does_not_fail_for_a_callback_of_somebody_else(bench: Bench):
    journal = LocalJournal("os", bench.loop.post)

    def fail(log: PartitionLog) -> None:
        raise RuntimeError("not about this append")

    bench.two.on_high_watermark = fail
    content = memoryview(batch(b"x"))
    journal.stage(bench.two, memoryview(batch(b"y")), now_ms=NOW, leader_epoch=0)
    assert journal.append(bench.one, content, now_ms=NOW, leader_epoch=0).error is None
    with pytest.raises(RuntimeError):
        bench.loop.run_one()
