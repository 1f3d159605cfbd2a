"""A disk that is slow: a thread writes, in order, and what fails is taken back as ever."""

import errno
import random
import threading
from collections.abc import Callable, Iterator

import pytest

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.records.batch import read_batches
from kafkacompat_protocol.records.record import iterate_records
from kafkacompat_storage.journal import LocalJournal
from kafkacompat_storage.log import Appended, PartitionLog
from kafkacompat_storage.queries import find_max_timestamp, find_timestamp
from kafkacompat_storage.write_behind import HELD_LIMIT_BYTES, QUICK_ENOUGH, WriteBehind, WriteJob
from tests.storage.test_journal import Loop
from tests.support.batches import NOW, batch, new_log, offsets, read_all, rules
from tests.support.faulty_files import FaultyFiles

STORAGE = ErrorCode.KAFKA_STORAGE_ERROR


def values(content: bytes) -> list[bytes]:
    found = []
    for at, header in read_batches(content):
        found += [bytes(r.value or b"") for r in iterate_records(content[at : at + header.size])]
    return found


class SlowDisk:
    """A journal with two logs on a disk whose writes take `write_s`, by a clock of its own."""

    def __init__(self, **of_rules: int) -> None:
        self.now_s = 0.0
        self.write_s = 1.0
        self.failing = ""
        self.files = FaultyFiles()
        self.files.fault = self._fault
        self.loop = Loop()
        self.journal = LocalJournal("fsync", self.loop.post, seconds=lambda: self.now_s)
        self.said: list[bool] = []
        self.journal.on_slow = self.said.append
        self.one = new_log(self.files, "/d/one-0", with_rules=rules(**of_rules))
        self.two = new_log(self.files, "/d/two-0")
        self.told: list[tuple[str, ErrorCode | None]] = []

    def _fault(self, operation: str, path: str) -> OSError | None:
        if operation == "write":
            self.now_s += self.write_s
        failing = self.failing and operation == self.failing and "/one-0" in path
        return OSError(errno.EIO, "made to fail") if failing else None

    def append(self, log: PartitionLog, value: bytes, **of_batch: int) -> Appended:
        content = batch(value, **of_batch)
        appended = self.journal.stage(log, memoryview(content), now_ms=NOW, leader_epoch=0)
        self.journal.write_staged()
        content[:] = bytes(len(content))  # as buffers are used again
        name = value.decode()
        self.journal.when_durable(
            appended, lambda error: self.told.append((name, error and error.code))
        )
        return appended

    def stall(self) -> None:
        """Have a write show that the disk is slow, then hold up what the thread writes."""
        self.append(self.one, b"first")
        self.journal.flush_all()
        self.told.clear()
        self.files.write_gate = threading.Event()

    def until(self, is_done: Callable[[], bool]) -> None:
        while not is_done():
            self.loop.run_one()

    def go_on(self) -> None:
        assert self.files.write_gate is not None
        self.files.write_gate.set()


@pytest.fixture
def slow() -> Iterator[SlowDisk]:
    made = SlowDisk()
    yield made
    made.go_on()
    made.journal.close()


def test_nobody_waits_while_a_thread_writes_and_the_order_stays(slow: SlowDisk) -> None:
    slow.stall()
    assert slow.said == [True]
    first = slow.append(slow.one, b"a")
    for value in (b"b", b"c"):
        slow.append(slow.one, value)
        slow.append(slow.two, value)
    assert values(read_all(slow.one)) == [b"first"]
    assert slow.journal.written_ticket < first.ticket
    assert (slow.one.end_offset, slow.one.high_watermark) == (4, 1)
    slow.go_on()
    slow.until(lambda: slow.journal.written_ticket >= first.ticket)
    assert slow.journal.written_ticket == first.ticket
    slow.journal.flush_all()
    assert slow.told == [(value, None) for value in ("a", "b", "b", "c", "c")]
    assert values(read_all(slow.one)) == [b"first", b"a", b"b", b"c"]
    assert values(read_all(slow.two)) == [b"b", b"c"]
    assert [first for first, _ in offsets(bytearray(read_all(slow.one)))] == [0, 1, 2, 3]


def test_who_waits_for_written_is_told_before_it_is_durable(slow: SlowDisk) -> None:
    slow.stall()
    appended = slow.append(slow.one, b"a")
    seen: list[tuple[bool, bool]] = []
    journal = slow.journal
    journal.when_progress(
        lambda: seen.append(
            (appended.ticket <= journal.written_ticket, journal.is_durable(appended.ticket))
        )
    )
    slow.files.gate = threading.Event()
    slow.go_on()
    slow.until(lambda: seen != [])
    slow.files.gate.set()
    assert seen == [(True, False)]


def test_a_write_that_fails_takes_back_all_that_was_held_behind_it(slow: SlowDisk) -> None:
    slow.stall()
    slow.append(slow.one, b"a", producer_id=7, epoch=0, sequence=0)
    slow.append(slow.one, b"b", producer_id=7, epoch=0, sequence=1)
    slow.append(slow.two, b"c")
    slow.failing = "write"
    slow.go_on()
    slow.until(lambda: slow.told != [])
    slow.failing = ""
    assert (slow.one.end_offset, slow.one.producers.producers) == (1, {})
    slow.append(slow.one, b"d", producer_id=7, epoch=0, sequence=0)
    slow.journal.flush_all()
    assert slow.told == [("a", STORAGE), ("b", STORAGE), ("c", None), ("d", None)]
    assert values(read_all(slow.one)) == [b"first", b"d"]
    assert slow.one.refusal is None


def test_a_sync_that_fails_closes_the_log_while_a_thread_writes_to_it(slow: SlowDisk) -> None:
    slow.stall()
    slow.files.gate = threading.Event()
    first = slow.append(slow.one, b"a")
    slow.go_on()
    slow.until(lambda: slow.journal.written_ticket == first.ticket)
    slow.files.write_gate = threading.Event()
    slow.append(slow.one, b"b")
    slow.append(slow.one, b"c")
    slow.failing = "sync"
    slow.files.has_syncfs = False
    slow.files.gate.set()
    slow.until(lambda: slow.told != [])
    assert (slow.one.end_offset, slow.told) == (1, [("a", STORAGE)])
    slow.go_on()
    slow.journal.flush_all()
    assert slow.told == [(value, STORAGE) for value in "abc"]
    assert values(read_all(slow.one)) == [b"first"]
    with pytest.raises(KafkaError):
        slow.append(slow.one, b"d")


def test_a_log_that_is_deleted_while_a_thread_writes_leaves_nobody_waiting(slow: SlowDisk) -> None:
    slow.stall()
    slow.append(slow.one, b"a")
    slow.append(slow.one, b"b")
    slow.one.delete()
    slow.go_on()
    slow.journal.flush_all()
    assert slow.told == [(value, ErrorCode.NOT_LEADER_OR_FOLLOWER) for value in "ab"]


def test_after_enough_quick_writes_the_disk_is_not_slow_any_more(slow: SlowDisk) -> None:
    slow.stall()
    slow.go_on()
    slow.write_s = 0.001
    for number in range(QUICK_ENOUGH):
        assert slow.said == [True]
        appended = slow.append(slow.one, b"%d" % number)
        slow.until(lambda: slow.journal.is_durable(appended.ticket))  # noqa: B023
    assert slow.said == [True, False]
    appended = slow.append(slow.one, b"at once")
    assert slow.journal.written_ticket == appended.ticket


def test_what_waits_is_bounded(slow: SlowDisk) -> None:
    slow.stall()
    slow.one.rules = rules(max_message_bytes=1 << 30, segment_bytes=1 << 30)
    big = bytes(9 << 20)
    for _ in range(HELD_LIMIT_BYTES // len(big) + 1):
        slow.append(slow.one, big)
    with pytest.raises(KafkaError) as refused:
        slow.append(slow.two, b"x")
    assert refused.value.code == STORAGE
    slow.go_on()
    slow.journal.flush_all()
    slow.append(slow.two, b"y")
    slow.journal.flush_all()
    assert values(read_all(slow.two)) == [b"y"]


def test_questions_stop_where_the_file_ends(slow: SlowDisk) -> None:
    slow.append(slow.one, b"a", timestamp=NOW + 1)
    slow.stall()
    for number in range(9):
        slow.append(slow.one, b"%d" % number * 500, timestamp=NOW + 10 + number)
    assert find_timestamp(slow.one, NOW + 5) is None
    found = find_max_timestamp(slow.one)
    assert found is not None
    assert (found.offset, found.timestamp) == (0, NOW + 1)
    assert slow.one.active.locate(0) == 0
    assert slow.one.active.locate(1) == len(batch(b"a"))
    assert slow.one.active.locate(2) == slow.one.stable[2]
    slow.go_on()
    slow.journal.flush_all()
    found = find_max_timestamp(slow.one)
    assert found is not None
    assert found.offset == 10


def test_a_segment_grows_while_the_disk_is_slow_and_is_rolled_after() -> None:
    slow = SlowDisk(segment_bytes=300)
    slow.stall()
    for number in range(20):
        slow.append(slow.one, b"%d" % number * 20)
    assert len(slow.one.segments) == 1
    slow.go_on()
    slow.journal.flush_all()
    slow.append(slow.one, b"next")
    slow.journal.close()
    assert len(slow.one.segments) == 2
    assert values(read_all(slow.one))[-1:] == [b"next"]


@pytest.mark.parametrize("failing", ["", "write"])
def test_who_rolls_waits_for_the_thread(slow: SlowDisk, failing: str) -> None:
    slow.stall()
    slow.append(slow.one, b"a")
    slow.append(slow.one, b"b")
    slow.failing = failing
    slow.go_on()
    if failing:
        with pytest.raises(KafkaError):
            slow.one.roll(NOW)
        assert slow.one.end_offset == 1
    else:
        slow.one.roll(NOW)
        assert [segment.base_offset for segment in slow.one.segments] == [0, 3]
    slow.failing = ""
    slow.append(slow.one, b"c")
    slow.journal.flush_all()
    lost = STORAGE if failing else None
    assert slow.told == [("a", lost), ("b", lost), ("c", None)]
    assert values(read_all(slow.one)) == [b"first", *([] if failing else [b"a", b"b"]), b"c"]


@pytest.mark.parametrize("seed", range(40))
def test_whatever_happens_what_was_acknowledged_is_there_and_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    slow = SlowDisk(segment_bytes=2000)
    kept: dict[PartitionLog, list[bytes]] = {slow.one: [], slow.two: []}
    answers = 0
    appends = 0
    for number in range(150):
        slow.write_s = chance.choice((1.0, 0.001, 0.001))
        slow.failing = chance.choice(("", "", "", "write"))
        log = chance.choice((slow.one, slow.one, slow.two))
        value = b"%d" % number * chance.randrange(1, 60)

        def settled(
            error: KafkaError | None, log: PartitionLog = log, value: bytes = value
        ) -> None:
            nonlocal answers
            answers += 1
            if error is None:
                kept[log].append(value)

        content = batch(value)
        try:
            appended = slow.journal.stage(log, memoryview(content), now_ms=NOW, leader_epoch=0)
        except KafkaError:
            pass
        else:
            appends += 1
            slow.journal.when_durable(appended, settled)
        slow.journal.write_staged()
        content[:] = bytes(len(content))
        while slow.loop.posted and chance.random() < 0.5:
            slow.loop.run_one()
        if chance.random() < 0.05:
            slow.journal.flush_all()
    slow.failing = ""
    slow.journal.close()
    assert answers == appends
    for log, path in ((slow.one, "/d/one-0"), (slow.two, "/d/two-0")):
        assert values(read_all(log)) == kept[log]
        recovered = new_log(FaultyFiles(slow.files.survivors("power")), path, recovery_point=0)
        assert values(read_all(recovered)) == kept[log]


def test_the_thread_ends_when_the_loop_is_closed() -> None:
    def post(work: object) -> None:
        raise RuntimeError("closed")

    writer = WriteBehind(lambda: 0.0, post, lambda job: None)
    job = WriteJob(1, 0)
    writer.begin(job)
    assert job.done.acquire(timeout=10)
    writer.close()
