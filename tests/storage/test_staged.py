"""What is taken back when a staged write fails, seen through a log on faulty files."""

import errno

import pytest

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_storage.log import PartitionLog
from kafkacompat_storage.staged import Staged
from tests.support import batches as b
from tests.support.batches import NOW, append, batch, read_all
from tests.support.faulty_files import FaultyFiles


def stage(log: PartitionLog, content: bytearray, epoch: int = 0) -> int:
    return log.stage(memoryview(content), now_ms=NOW, leader_epoch=epoch).base_offset


def numbered(sequence: int, **of: int) -> bytearray:
    return batch(b"x" * 30, producer_id=7, epoch=0, sequence=sequence, **of)


def fill_the_disk(files: FaultyFiles, at: int = 1) -> None:
    """Have the `at`-th write from now on fail, and those after it."""
    writes: list[str] = []

    def fault(operation: str, path: str) -> OSError | None:
        if operation == "write" and path.endswith(".log"):
            writes.append(path)
            return OSError(errno.ENOSPC, "full") if len(writes) >= at else None
        return None

    files.fault = fault


def test_what_is_staged_is_written_in_one_call() -> None:
    files = FaultyFiles()
    log = b.new_log(files)
    before = files.operations
    assert [stage(log, batch(b"a", b"b")) for _ in range(5)] == [0, 2, 4, 6, 8]
    assert (files.operations, files.content(log.active.paths()[0])) == (before, b"")
    log.write_staged()
    assert files.operations == before + 1
    log.commit()
    assert b.offsets(read_all(log)) == [(n * 2, 2) for n in range(5)]


def test_all_of_a_failed_write_is_taken_back() -> None:
    files = FaultyFiles()
    log = b.new_log(files)
    append(log, numbered(0))
    kept, producers = read_all(log), dict(log.producers.producers)
    size = log.size_bytes
    stage(log, numbered(1), epoch=3)
    stage(log, numbered(2), epoch=3)
    stage(log, batch(b"y", producer_id=8, epoch=0, sequence=0, transactional=True), epoch=3)
    fill_the_disk(files)
    with pytest.raises(KafkaError) as raised:
        log.write_staged()
    assert raised.value.code == ErrorCode.KAFKA_STORAGE_ERROR
    assert (log.end_offset, log.size_bytes, log.leader_epoch) == (1, size, 0)
    assert (log.producers.producers, log.producers.open_transactions) == (producers, {})
    assert files.content(log.active.paths()[0]) == kept
    files.fault = lambda operation, path: None
    assert append(log, numbered(1)) == 1
    assert b.offsets(read_all(log)) == [(0, 1), (1, 1)]


def test_batches_lost_by_a_roll_are_not_taken_for_written() -> None:
    files = FaultyFiles()
    size = len(batch(b"x" * 30))
    log = b.new_log(files, with_rules=b.rules(segment_bytes=2 * size))
    append(log, batch(b"x" * 30))
    stage(log, batch(b"x" * 30))
    fill_the_disk(files)
    with pytest.raises(KafkaError):
        stage(log, batch(b"x" * 30))  # it rolls, which writes what is staged
    files.fault = lambda operation, path: None
    with pytest.raises(KafkaError) as raised:
        log.write_staged()
    assert raised.value.code == ErrorCode.KAFKA_STORAGE_ERROR
    assert log.end_offset == 1
    assert append(log, batch(b"y" * 30)) == 1


def test_nothing_staged_is_nothing_to_restore() -> None:
    staged = Staged(5, 100)
    log = b.new_log()
    staged.restore_producers(log.producers)
    assert (log.producers.producers, staged.lost) == ({}, None)


def test_a_marker_that_is_lost_leaves_its_transaction_open() -> None:
    files = FaultyFiles()
    log = b.new_log(files)
    for producer_id in (8, 9):
        content = batch(b"y", producer_id=producer_id, epoch=0, sequence=0, transactional=True)
        append(log, content)
    fill_the_disk(files)
    with pytest.raises(KafkaError):
        append(log, b.marker(8, 0, commit=True), own=True)
    files.fault = lambda operation, path: None
    assert list(log.producers.open_transactions.items()) == [(8, 0), (9, 1)]
    append(log, batch(b"z"))
    append(log, batch(b"z"))
    assert (log.high_watermark, log.last_stable_offset) == (4, 0)


def test_nothing_is_written_before_what_could_not_be_cut() -> None:
    files = FaultyFiles()
    log = b.new_log(files)
    append(log, batch(b"x"))
    files.fault = lambda operation, path: (
        OSError(errno.EIO, "bad") if operation in ("write", "truncate") else None
    )
    with pytest.raises(KafkaError):
        append(log, batch(b"y" * 600))
    files.fault = lambda operation, path: None
    with pytest.raises(KafkaError) as raised:
        append(log, batch(b"z"))
    assert raised.value.code == ErrorCode.KAFKA_STORAGE_ERROR
    recovered = b.new_log(files, recovery_point=1)
    assert read_all(recovered) == read_all(log)


def test_a_roll_that_fails_leaves_no_segment_behind() -> None:
    files = FaultyFiles()
    small = b.rules(segment_bytes=300)
    log = b.new_log(files, with_rules=small)
    append(log, batch(b"x" * 100))
    files.fault = lambda operation, path: (
        OSError(errno.ENOSPC, "full") if operation == "create" else None
    )
    with pytest.raises(KafkaError):
        append(log, batch(b"x" * 150))
    append(log, batch(b"x"))
    files.fault = lambda operation, path: None
    append(log, batch(b"x" * 150))
    kept = read_all(log)
    log.close(clean=True)
    assert read_all(b.new_log(files, with_rules=small)) == kept


def test_a_snapshot_that_fails_makes_no_segment(monkeypatch: pytest.MonkeyPatch) -> None:
    files = FaultyFiles()
    log = b.new_log(files, with_rules=b.rules(segment_bytes=300))
    append(log, batch(b"x" * 100))

    def full(path: str, content: bytes, *, sync: bool) -> None:
        raise OSError(errno.ENOSPC, "full", path)

    monkeypatch.setattr(files, "write_file", full)
    with pytest.raises(KafkaError):
        append(log, batch(b"x" * 150))
    assert [name for name in files.listdir("/d/t-0") if name.endswith(".log")] == [
        "00000000000000000000.log"
    ]
