"""A machine that dies at each operation of a swap: the log is as before, or as after."""

import random
import threading

import pytest

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_storage import names
from kafkacompat_storage.compaction.looking import Look
from kafkacompat_storage.compaction.swapping import Swap
from kafkacompat_storage.compaction.work import Cleaned, FilePlace
from kafkacompat_storage.log import PartitionLog
from kafkacompat_storage.memory_files import MemoryFiles
from kafkacompat_storage.os_files import OsFiles
from kafkacompat_storage.queries import find_aborted, find_timestamp
from tests.support import batches as b
from tests.support.compaction import INTERVAL, committed, keyed, run_pass, steps_of, stored
from tests.support.faulty_files import Crash, FaultyFiles, Loss

Seen = list[tuple[int, bytes | None, bytes | None]]
FOLDER = "/d/t-0"


def fill(log: PartitionLog) -> None:
    """Keys over and over, an aborted and a committed transaction, some segments."""
    chance = random.Random(7)
    for number in range(60):
        key, value = b"k%d" % chance.randrange(7), b"%d" % number * 9
        b.append(log, keyed((key, value), producer_id=1, epoch=0, sequence=number))
        if number in (10, 30):
            sequence = number // 20
            b.append(
                log,
                keyed(
                    (b"t", b"%d" % number),
                    producer_id=5,
                    epoch=0,
                    sequence=sequence,
                    transactional=True,
                ),
            )
            b.append(log, b.marker(5, 0, commit=number == 30), own=True)
    log.roll(b.NOW)
    b.append(log, keyed((b"k0", b"last"), producer_id=1, epoch=0, sequence=60))


def filled(files: MemoryFiles | OsFiles, path: str = FOLDER) -> PartitionLog:
    log = b.new_log(files, path)
    fill(log)
    log.folder.sync(log.begin_commit(), log.take_epochs())
    return log


def newest(seen: Seen) -> Seen:
    """What of these must always be there."""
    last = {key: (offset, key, value) for offset, key, value in seen}
    return sorted(last.values())


def check(files: FaultyFiles, before: Seen, recovery_point: int) -> None:
    log = b.new_log(files, recovery_point=recovery_point)
    found = committed(log)
    assert set(found) <= set(before)
    assert set(newest(before)) <= set(found)
    assert log.end_offset == before[-1][0] + 1
    left = [name for name in files.listdir(FOLDER) if "swap" in name or "cleaned" in name]
    assert left == []
    assert log.producers.producers[1].window[-1].last_sequence == 60
    run_pass(log)
    assert committed(log) == newest([each for each in before if each != before[-1]]) + before[-1:]


@pytest.mark.parametrize("loss", ["power", "torn", "kill"])
@pytest.mark.parametrize("point", ["at the end", "at the start"])
def test_a_crash_at_every_operation_of_a_pass_loses_nothing(loss: Loss, point: str):
    crashed = 0
    for crash_at in range(1, 1000):
        files = FaultyFiles()
        log = filled(files)
        before = committed(log)
        files.crash_at = files.operations + crash_at
        try:
            run_pass(log)
        except Crash:
            crashed += 1
            survivors = FaultyFiles(files.survivors(loss))
            check(survivors, before, log.end_offset if point == "at the end" else 0)
        else:
            break
    assert crashed > 60


def test_a_crash_while_a_swap_is_finished_by_a_start_is_survived_too():
    files = FaultyFiles()
    log = filled(files)
    before = committed(log)
    look = Look(log, None)
    step = first_made(log, files, look)
    swap_of(log, look, step).prepare()
    left = files.survivors("power")
    for crash_at in range(1, 200):
        again = FaultyFiles(left, crash_at=crash_at)
        try:
            b.new_log(again, recovery_point=0)
        except Crash:
            for loss in ("power", "torn", "kill"):
                check(FaultyFiles(again.survivors(loss)), before, 0)
        else:
            assert crash_at > 10
            return
    raise AssertionError("recovery takes more operations than expected")


def first_made(log: PartitionLog, files: MemoryFiles | OsFiles, look: Look) -> Cleaned:
    """Run a pass until the first segment is made."""
    assert hasattr(log.folder, "path")
    place = FilePlace(files, log.folder.path, INTERVAL)
    for step in steps_of(log, place, look):
        if isinstance(step, Cleaned):
            return step
    raise AssertionError("nothing was made")


def swap_of(log: PartitionLog, look: Look, step: Cleaned) -> Swap:
    return Swap(log, [look.sealed[number] for number in step.numbers], step.size, INTERVAL)


def test_who_is_reading_goes_on_with_what_he_began_with():
    files = MemoryFiles()
    log = filled(files)
    look = Look(log, None)
    old = log.segments
    contents = [b"".join(bytes(batch.content) for batch in part.scan()) for part in old]
    swap = swap_of(log, look, first_made(log, files, look))
    swap.prepare()
    assert swap.take_place()
    seen = committed(log)
    swap.finish_names()
    assert [b"".join(bytes(batch.content) for batch in part.scan()) for part in old] == contents
    assert committed(log) == seen
    assert all(files.exists(path) for path in log.segments[0].paths()[:2])


def test_segments_that_are_gone_are_not_replaced():
    files = MemoryFiles()
    log = filled(files)
    look = Look(log, None)
    swap = swap_of(log, look, first_made(log, files, look))
    swap.prepare()
    log.advance_log_start(log.segments[1].base_offset)
    whole = b.read_all(log)
    assert not swap.take_place()
    swap.give_up()
    assert b.read_all(log) == whole
    assert not [name for name in files.listdir(FOLDER) if name.endswith(names.SWAP)]


def test_a_compacted_log_answers_as_before():
    files = MemoryFiles()
    log = filled(files)
    before = committed(log)
    run_pass(log)
    high_watermark = log.high_watermark
    for offset in range(high_watermark):
        header, _ = next(stored(log, offset))
        assert header.last_offset >= offset
    assert find_aborted(log, 0, high_watermark) == [(5, 11)]
    for _ in range(3):
        run_pass(log, first_dirty=high_watermark - 1)
    assert find_aborted(log, 0, high_watermark) == []
    last = find_timestamp(log, b.NOW)
    assert last is not None
    assert (log.leader_epoch, log.last_stable_offset) == (0, high_watermark)
    assert committed(log) == newest([each for each in before if each != before[-1]]) + before[-1:]


def test_a_failed_commit_after_a_swap_takes_back_only_what_was_not_durable():
    log = b.new_log(MemoryFiles())
    for number in range(40):
        b.append(log, keyed((b"k", b"%d" % number * 20)))
    log.roll(b.NOW)
    run_pass(log)
    kept = b.read_all(log)
    b.append_unseen(log, keyed((b"k", b"lost")))
    log.fail(KafkaError(ErrorCode.KAFKA_STORAGE_ERROR))
    assert (b.read_all(log), log.end_offset) == (kept, 40)
    assert log.fault is None


def test_fetches_in_threads_get_right_bytes_while_segments_are_swapped(tmp_path):
    files = OsFiles()
    log = filled(files, str(tmp_path / "t-0"))
    wrong: list[Exception] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            for segment in log.segments[:-1]:
                try:
                    for batch in segment.scan(verify=True):
                        assert batch.header.next_offset <= segment.next_offset
                except FileNotFoundError:
                    pass  # In a test what is old is removed at once.
                except Exception as error:
                    wrong.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    cleaned = 0
    for number in range(60):
        value = b"%d" % number * 30
        b.append(log, keyed((b"k1", value), producer_id=1, epoch=0, sequence=61 + number))
        log.roll(b.NOW)
        cleaned = run_pass(log, first_dirty=cleaned)
        assert committed(log)[-1][2] == value
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    files.close()
