"""Opening after a crash: torn tails, damage below the mark, interrupted renames, lost indexes."""

import pytest

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.records.batch import read_batches
from kafkacompat_storage import names
from kafkacompat_storage.folder import FileFolder
from kafkacompat_storage.log import PartitionLog
from kafkacompat_storage.memory_files import MemoryFiles
from kafkacompat_storage.queries import find_aborted, find_timestamp
from kafkacompat_storage.recovery import Opening, open_log
from tests.support import batches as b
from tests.support.batches import NOW, append, batch, new_log, read_all

FOLDER = "/d/t-0"


def filled(count: int = 30) -> tuple[MemoryFiles, PartitionLog, bytes]:
    """A log of several segments that was not closed."""
    files = MemoryFiles()
    log = new_log(files)
    for number in range(count):
        append(log, batch(b"%03d" % number, producer_id=1, epoch=0, sequence=number))
    return files, log, read_all(log)


def last_log(files: MemoryFiles) -> str:
    return max(path for path in files.contents if path.endswith(names.LOG))


def torn_files(files: MemoryFiles) -> dict[str, bytes]:
    return {p: bytes(kept) for p, kept in files.contents.items() if p.endswith(names.TORN)}


def test_without_damage_everything_comes_back_with_indexes_and_producers():
    files, log, whole = filled()
    again = new_log(files, recovery_point=0)
    assert read_all(again) == whole
    assert again.producers.producers.keys() == {1}
    assert again.producers.producers[1].window == log.producers.producers[1].window
    assert again.epochs.starts == log.epochs.starts
    assert [s.max_timestamp for s in again.segments] == [s.max_timestamp for s in log.segments]
    entries = [s._index.entries for s in again.segments]  # type: ignore[attr-defined]
    assert entries == [s._index.entries for s in log.segments]  # type: ignore[attr-defined]
    assert torn_files(files) == {}


def test_a_tail_torn_at_each_byte_is_cut_and_kept_beside():
    files, _log, whole = filled(3)
    path = last_log(files)
    start = len(whole) - len(whole) // 3
    for size in range(start + 1, len(whole)):
        files.contents[path] = bytearray(whole[:size])
        again = new_log(files, recovery_point=2)
        assert (again.end_offset, read_all(again)) == (2, whole[:start])
        assert files.content(path) == whole[:start]
        assert torn_files(files) == {f"{FOLDER}/00000000000000000002.torn": whole[start:size]}
        assert append(again, batch(b"new", producer_id=1, epoch=0, sequence=2)) == 2
        again.close(clean=False)


def test_zeros_after_the_end_are_cut():
    files, _, whole = filled(3)
    files.contents[last_log(files)] += bytes(4096)
    assert read_all(new_log(files, recovery_point=0)) == whole


def test_a_bad_batch_above_the_mark_ends_the_log_and_sets_the_rest_aside():
    files, log, whole = filled()
    second = log.segments[1].base_offset
    path = f"{FOLDER}/{names.offset_file(second, names.LOG)}"
    files.contents[path][70] ^= 1
    opening = Opening("t", 0, None, b.rules(), NOW, recovery_point=second)
    again = open_log(FileFolder(files, FOLDER, b.AtOnce()), opening)
    assert again.end_offset == second
    assert whole.startswith(read_all(again))
    kept = b"".join(kept for _, kept in sorted(torn_files(files).items()))
    assert len(read_all(again)) + len(kept) == len(whole)
    assert len(opening.notes) == len(log.segments) - 1
    assert append(again, batch(b"n", producer_id=1, epoch=0, sequence=second)) == second


def test_a_bad_batch_below_the_mark_quarantines_and_touches_nothing():
    files, _log, _whole = filled(8)
    files.contents[last_log(files)][70] ^= 1
    before = {path: bytes(kept) for path, kept in files.contents.items() if ".log" in path}
    with pytest.raises(KafkaError) as raised:
        new_log(files, recovery_point=8)
    assert raised.value.code == ErrorCode.KAFKA_STORAGE_ERROR
    assert {path: bytes(files.content(path)) for path in before} == before
    assert torn_files(files) == {}


def test_a_log_shorter_than_the_mark_is_damaged_too():
    files, _, _whole = filled(8)
    path = last_log(files)
    files.contents[path] = files.contents[path][:-90]
    with pytest.raises(KafkaError):
        new_log(files, recovery_point=8)


def test_missing_and_garbled_derived_files_are_made_again():
    files, log, whole = filled()
    log.close(clean=True)
    for garbage in (None, b"", b"\xff" * 64, bytes(64)):
        for path in list(files.contents):
            if path.endswith((".index", ".timeindex", ".snapshot", ".producers", "checkpoint")):
                files.unlink(path)
                if garbage is not None:
                    files.write_file(path, garbage, sync=False)
        again = new_log(files)
        assert read_all(again, max_bytes=250) == whole
        assert find_timestamp(again, NOW) == (NOW, 0, 0)
        assert again.epochs.starts == log.epochs.starts
        assert len(again.producers.producers[1].window) == 5
        again.close(clean=False)


def test_stale_indexes_and_snapshots_are_not_believed():
    files, log, whole = filled(6)
    log.close(clean=True)
    path = f"{FOLDER}/{names.offset_file(0, names.OFFSET_INDEX)}"
    content = files.contents[path]
    content[3] += 1
    again = new_log(files)
    assert read_all(again, 3, 100) == whole[-len(whole) // 2 :]
    files.write_file(f"{FOLDER}/{names.offset_file(99, names.SNAPSHOT)}", b"x", sync=False)
    new_log(files)
    assert files.read_file(f"{FOLDER}/{names.offset_file(99, names.SNAPSHOT)}") is None


def test_deletions_and_compactions_that_were_cut_short_are_settled():
    files, log, whole = filled()
    first, second, third = (log.segments[n].base_offset for n in range(3))
    log.close(clean=True)

    def name(offset: int, suffix: str) -> str:
        return f"{FOLDER}/{names.offset_file(offset, suffix)}"

    merged = files.content(name(first, ".log")) + files.content(name(second, ".log"))
    files.write_file(name(first, ".log.swap"), bytes(merged), sync=False)
    files.write_file(name(second, ".log.deleted"), b"old", sync=False)
    files.write_file(name(third, ".index.deleted"), b"old", sync=False)
    again = new_log(files)
    assert [s.base_offset for s in again.segments][:2] == [first, third]
    assert read_all(again) == whole
    assert not [path for path in files.contents if "swap" in path or "deleted" in path]


def test_a_compaction_that_did_not_finish_is_dropped():
    files, log, whole = filled()
    log.close(clean=True)
    files.write_file(f"{FOLDER}/{names.offset_file(0, '.log.cleaned')}", b"half", sync=False)
    files.write_file(f"{FOLDER}/{names.offset_file(9, '.log.swap')}", b"half", sync=False)
    assert read_all(new_log(files)) == whole
    assert not [path for path in files.contents if "swap" in path or "cleaned" in path]


def test_the_checkpointed_start_holds_after_a_restart():
    files, log, _whole = filled()
    second = log.segments[1].base_offset
    again = new_log(files, recovery_point=0, log_start_offset=second + 1)
    assert (again.log_start_offset, again.segments[0].base_offset) == (second + 1, second)
    assert b.offsets(read_all(again))[0] == (second + 1, 1)
    empty = new_log(files, recovery_point=0, log_start_offset=500)
    assert (empty.log_start_offset, empty.end_offset) == (500, 500)


def test_open_and_aborted_transactions_are_found_again():
    files = MemoryFiles()
    log = new_log(files)
    for sequence in range(4):
        content = batch(b"x" * 150, producer_id=5, epoch=0, sequence=sequence, transactional=True)
        append(log, content)
        append(log, b.marker(5, 0, commit=sequence % 2 == 1), own=True)
    append(log, batch(b"open", producer_id=6, epoch=0, sequence=0, transactional=True))
    for recovery_point in (0, 5, 9):
        again = new_log(files, recovery_point=recovery_point)
        assert find_aborted(again, 0, 99) == [(5, 0), (5, 4)]
        assert (again.last_stable_offset, again.end_offset) == (8, 9)
        again.close(clean=True)
    assert find_aborted(new_log(files), 0, 99) == [(5, 0), (5, 4)]


def test_progress_is_told_in_bytes(monkeypatch: pytest.MonkeyPatch):
    files = MemoryFiles()
    log = new_log(files, with_rules=b.rules(segment_bytes=1 << 22))
    for _ in range(40):
        append(log, batch(b"x" * 100_000))
    told: list[tuple[int, int]] = []
    opening = Opening("t", 0, None, b.rules(), NOW, recovery_point=0)
    opening.progress = lambda done, total: told.append((done, total))
    open_log(FileFolder(files, FOLDER, b.AtOnce()), opening)
    assert len(told) >= 3
    assert told == sorted(told)
    assert {total for _, total in told} == {log.size_bytes}


def test_an_abort_is_known_though_the_next_segment_began_before_its_index_was_written():
    files = MemoryFiles()
    log = new_log(files)
    append(log, batch(b"a", producer_id=1, epoch=0, sequence=0, transactional=True))
    append(log, b.marker(1, 0, commit=False), own=True)
    files.open(f"{FOLDER}/{names.offset_file(2, names.LOG)}", create=True)
    again = new_log(files, recovery_point=2)
    assert find_aborted(again, 0, 2) == [(1, 0)]


@pytest.mark.parametrize("once_compacted", [True, False])
def test_a_gap_between_segments_ends_a_log_unless_it_was_ever_compacted(once_compacted: bool):
    files, log, _ = filled(20)
    first = log.segments[0]
    end = first.next_offset
    path = first.paths()[0]
    *_, last = [at for at, _ in read_batches(bytes(files.contents[path]))]
    del files.contents[path][last:]
    cleaned_to = 20 if once_compacted else 0
    opening = Opening("t", 0, None, b.rules(), NOW, recovery_point=0, cleaned_to=cleaned_to)
    again = open_log(FileFolder(files, FOLDER, b.AtOnce()), opening)
    assert again.end_offset == (20 if once_compacted else end - 1)
    assert bool(torn_files(files)) is not once_compacted


def test_segments_below_the_start_that_came_back_are_not_missed_if_others_did_not():
    files, log, _ = filled(50)
    bases = [segment.base_offset for segment in log.segments]
    assert len(bases) > 3
    del files.contents[f"{FOLDER}/{names.offset_file(bases[1], names.LOG)}"]
    again = new_log(files, recovery_point=50, log_start_offset=bases[2] + 1)
    assert (again.log_start_offset, again.end_offset) == (bases[2] + 1, 50)
    assert [segment.base_offset for segment in again.segments] == bases[2:]
    assert f"{FOLDER}/{names.offset_file(bases[0], names.LOG)}" not in files.contents


def test_a_snapshot_that_a_crash_garbled_costs_no_producer_when_records_before_it_are_deleted():
    log = new_log()
    append(log, batch(b"x" * 60, producer_id=1, epoch=0, sequence=0))
    log.roll(NOW)
    files = log.folder.files
    assert isinstance(files, MemoryFiles)
    files.write_file("/d/t-0/00000000000000000001.snapshot", b"", sync=False)
    for _ in range(2):  # The segment that the producer wrote to goes with the first opening.
        log = new_log(files, recovery_point=1, log_start_offset=1)
        assert (log.log_start_offset, log.end_offset) == (1, 1)
    again = batch(b"x" * 60, producer_id=1, epoch=0, sequence=0)
    assert b.write(log, memoryview(again), now_ms=NOW, leader_epoch=0).is_duplicate
