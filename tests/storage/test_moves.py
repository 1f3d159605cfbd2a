"""A partition moves to another directory while it is used, whatever happens on the way."""

import pytest

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_storage import names
from kafkacompat_storage.disk_store import DiskStore
from kafkacompat_storage.log import PartitionLog
from kafkacompat_storage.memory_files import MemoryFiles
from kafkacompat_storage.moves import Move
from kafkacompat_storage.names import TopicPartition
from kafkacompat_storage.queries import find_aborted
from kafkacompat_storage.usage import ReplicaUse
from tests.support import batches as b
from tests.support.batches import NOW, append, batch, marker, read_all
from tests.support.faulty_files import Crash, FaultyFiles, Loss

ONE, TWO = "/d/one", "/d/two"
PLACE = TopicPartition("t", 0)
ID = bytes(range(16))
RULES = b.rules(segment_bytes=400)


def opened(files: MemoryFiles) -> DiskStore:
    files.mkdir("/d")
    return DiskStore(files, [ONE, TWO], node_id=1, now_ms=NOW)


def log_of(store: DiskStore) -> PartitionLog:
    return store.open("t", 0, ID, RULES)


def fill(log: PartitionLog, count: int = 10) -> None:
    for _ in range(count):
        append(log, batch(b"x" * 60))


def write_a_transaction(log: PartitionLog) -> None:
    """A producer's records in several segments, an aborted transaction, and more after it."""
    for number in range(3):
        append(log, batch(b"y" * 60, producer_id=5, epoch=0, sequence=number))
    append(log, batch(b"z", producer_id=7, epoch=0, sequence=0, transactional=True))
    append(log, marker(7, 0, commit=False), own=True)
    fill(log, 6)


def begun(store: DiskStore, log: PartitionLog, path: str = TWO) -> Move:
    move = store.moves.begin(log, path)
    assert move is not None
    return move


def copy_once(move: Move) -> None:
    pieces = move.plan()
    move.copy(pieces)
    move.note(pieces)


def test_a_partition_moves_while_it_is_written_and_read():
    files = MemoryFiles()
    store = opened(files)
    log = log_of(store)
    write_a_transaction(log)
    move = begun(store, log)
    copy_once(move)
    fill(log, 9)
    before = read_all(log)
    store.moves.finish(move)
    assert (store.log_dir_of("t", 0), store.folder_of("t", 0)) == (TWO, f"{TWO}/t-0")
    assert store.open("t", 0, ID, RULES) is log
    fill(log, 9)
    whole = read_all(log)
    assert whole[: len(before)] == before
    store.sweep(0)
    assert [name for name in files.listdir(ONE) if name.startswith("t-0")] == []
    store.close(clean=True)
    again = log_of(opened(files))
    assert read_all(again) == whole
    assert again.producers.producers.keys() == {5, 7}
    assert find_aborted(again, 0, again.end_offset) == [(7, 3)]
    with pytest.raises(KafkaError):
        append(again, batch(b"gap", producer_id=5, epoch=0, sequence=9))


def test_what_of_the_original_is_gone_is_gone_from_the_copy():
    files = MemoryFiles()
    store = opened(files)
    log = log_of(store)
    fill(log, 12)
    move = begun(store, log)
    copy_once(move)
    log.advance_log_start(log.segments[2].base_offset + 1)
    start = log.log_start_offset
    store.sweep(0)
    store.moves.finish(move)
    logs = [name for name in files.listdir(f"{TWO}/t-0") if name.endswith(names.LOG)]
    assert logs == [names.offset_file(part.base_offset, names.LOG) for part in log.segments]
    again = opened(FaultyFiles((dict(files.contents), files.folders)))
    again.recover()
    assert log_of(again).log_start_offset == start


def test_the_copy_is_described_until_it_takes_over():
    store = opened(MemoryFiles())
    log = log_of(store)
    fill(log)
    move = begun(store, log)

    def future() -> list[ReplicaUse]:
        return [each for each in store.prepare_usage()()[1].replicas if each.is_future]

    assert future() == [ReplicaUse(PLACE, 0, 10, True)]
    copy_once(move)
    assert future() == [ReplicaUse(PLACE, log.size_bytes, 0, True)]
    fill(log, 2)
    assert [each.offset_lag for each in future()] == [2]
    store.moves.finish(move)
    assert future() == []


def test_there_is_no_move_to_where_a_partition_is_or_is_going():
    store = opened(MemoryFiles())
    log = log_of(store)
    assert store.moves.begin(log, ONE) is None
    move = begun(store, log)
    assert store.moves.begin(log, TWO) is None
    assert store.moves.begin(log, ONE) is None
    assert (move.is_over, store.moves.under_way) == (True, {})


def test_directories_and_names_that_cannot_be_are_refused():
    store = opened(MemoryFiles())
    with pytest.raises(KafkaError) as refused:
        store.moves.begin(log_of(store), "/nowhere")
    assert refused.value.code == ErrorCode.LOG_DIR_NOT_FOUND
    with pytest.raises(KafkaError) as refused:
        store.moves.prefer(TopicPartition("x" * 214, 0), TWO)
    assert refused.value.code == ErrorCode.INVALID_TOPIC_EXCEPTION
    store.moves.prefer(TopicPartition("x" * 213, 0), TWO)


def test_what_is_deleted_moves_no_further():
    files = MemoryFiles()
    store = opened(files)
    log = log_of(store)
    fill(log)
    move = begun(store, log)
    copy_once(move)
    store.delete("t", 0, ID)
    assert move.is_over
    store.sweep(0)
    left = files.listdir(ONE) + files.listdir(TWO)
    assert [name for name in left if name.startswith("t-0")] == []


def test_a_clean_stop_leaves_a_wish_and_no_half_copy():
    files = MemoryFiles()
    store = opened(files)
    log = log_of(store)
    fill(log)
    copy_once(begun(store, log))
    store.close(clean=True)
    (future,) = [name for name in files.listdir(TWO) if name.startswith("t-0")]
    assert files.listdir(f"{TWO}/{future}") == []
    again = opened(files)
    assert again.moves.settle(lambda place, directory: True) == [(PLACE, TWO)]
    assert again.log_dir_of("t", 0) == ONE


def move_and_go_on(files: FaultyFiles, noted: list[bytes], start: int = 2) -> None:
    """Move a partition; `noted` is what the metadata say of where it is."""
    store = opened(files)
    log = log_of(store)
    write_a_transaction(log)
    log.advance_log_start(start)
    files.sync_filesystem("/d")
    store.checkpoint()
    move = begun(store, log)
    copy_once(move)
    noted.append(move.target.directory_id)
    store.moves.finish(move)
    store.sweep(0)


@pytest.mark.parametrize("start", [0, 2])
@pytest.mark.parametrize("loss", ["power", "torn", "kill"])
def test_a_crash_at_any_point_loses_nothing(loss: Loss, start: int):
    whole = FaultyFiles()
    move_and_go_on(whole, [], start)
    expected = {ONE: 0, TWO: 0}
    for crash_at in range(1, whole.operations + 1):
        files = FaultyFiles(crash_at=crash_at)
        noted: list[bytes] = []
        with pytest.raises(Crash):
            move_and_go_on(files, noted, start)
        store = opened(FaultyFiles(files.survivors(loss)))
        store.recover()
        if PLACE not in store.partitions() and not noted:
            continue  # It died before there was anything.
        store.moves.settle(lambda place, directory, noted=noted: directory in noted)
        log = log_of(store)
        if noted:
            found = (log.log_start_offset, log.end_offset, len(read_all(log)) > 0)
            assert found == (start, 11, True), crash_at
            assert find_aborted(log, 0, log.end_offset) == [(7, 3)]
            append(log, batch(b"on"))
            expected[store.log_dir_of("t", 0)] += 1
    assert all(expected.values())


def test_a_failure_at_any_point_leaves_the_partition_in_use():
    whole = FaultyFiles()
    move_and_go_on(whole, [])
    failures = 0
    for number in range(whole.operations):
        files = FaultyFiles()
        store = opened(files)
        log = log_of(store)
        write_a_transaction(log)
        before = read_all(log)
        left = number

        def fault(operation: str, path: str) -> OSError | None:
            nonlocal left
            left -= 1
            return OSError(f"{operation} {path}") if left == -1 else None

        files.fault = fault
        try:
            move = begun(store, log)
            copy_once(move)
            store.moves.finish(move)
        except (OSError, KafkaError):
            failures += 1
            store.moves.give_up(PLACE)
            assert store.log_dir_of("t", 0) == ONE
        files.fault = lambda operation, path: None
        assert read_all(log) == before
        if log.refusal is None:
            append(log, batch(b"on"))
    assert failures > 10


def test_of_a_copy_alone_only_that_of_the_metadata_is_believed():
    files = MemoryFiles()
    store = opened(files)
    fill(log_of(store))
    store.close(clean=True)
    files.rename(f"{ONE}/t-0", f"{TWO}/t-0.{'0' * 32}-future")
    again = opened(files)
    assert again.moves.settle(lambda place, directory: False) == []
    assert again.partitions() == []
    again.close(clean=False)
    files.held.clear()
    third = opened(files)
    assert third.moves.settle(lambda place, directory: True) == []
    assert log_of(third).end_offset == 10
