"""A partition's folder: snapshots, what must be synced, what may go."""

from kafkacompat_storage import names
from kafkacompat_storage.folder import FileFolder, MemoryFolder
from kafkacompat_storage.later import Later
from kafkacompat_storage.leader_epochs import EpochStart, LeaderEpochs
from kafkacompat_storage.memory_files import MemoryFiles
from kafkacompat_storage.producer_state import Producer, SequencedBatch

WINDOW = (SequencedBatch(0, 0, 0, 9), SequencedBatch(1, 1, 0, 9))
PRODUCERS = {1: Producer(0, WINDOW, 9)}


def folder() -> tuple[MemoryFiles, FileFolder, Later]:
    files = MemoryFiles()
    files.mkdir("/d/t-0")
    later = Later()
    return files, FileFolder(files, "/d/t-0", later), later


def test_the_last_readable_snapshot_is_found():
    files, made, _ = folder()
    assert made.latest_snapshot(99) is None
    made.write_snapshot(10, {})
    made.write_snapshot(20, PRODUCERS)
    assert made.latest_snapshot(99) == (20, PRODUCERS)
    assert made.latest_snapshot(19) == (10, {})
    files.write_file("/d/t-0/00000000000000000020.snapshot", b"garbled", sync=False)
    assert made.latest_snapshot(99) == (10, {})


def test_new_files_and_names_are_to_be_synced_once():
    _, made, _ = folder()
    made.new_segment(0, 0, 100)
    assert made.take_unsynced() == ([], ["/d/t-0", "/d"])
    assert made.take_unsynced() == ([], [])
    made.write_snapshot(5, PRODUCERS)
    paths, folders = made.take_unsynced()
    assert [path.rpartition(".")[2] for path in paths] == ["producers", "snapshot"]
    assert folders == ["/d/t-0", "/d"]


def test_old_segments_and_snapshots_go_later_and_the_newer_snapshot_stays():
    files, made, later = folder()
    gone = made.new_segment(0, 0, 100)
    made.new_segment(10, 0, 100)
    made.write_snapshot(0, {})
    made.write_snapshot(10, PRODUCERS)
    made.discard([gone], 10)
    assert len(files.listdir("/d/t-0")) == 5
    later.sweep(0)
    assert files.listdir("/d/t-0") == [
        names.offset_file(10, suffix) for suffix in (".log", ".producers", ".snapshot")
    ]


def test_a_snapshot_goes_only_if_there_is_a_newer_one():
    _files, made, later = folder()
    gone = made.new_segment(0, 0, 100)
    made.write_snapshot(0, PRODUCERS)
    made.discard([gone], 10)
    later.sweep(0)
    assert made.snapshots() == [0]


def test_deleted_segments_lie_there_for_a_while_under_another_name():
    files, made, later = folder()
    gone = made.new_segment(0, 0, 100)
    made.new_segment(10, 0, 100)
    made.discard([gone], 10, 60_000)
    assert later.sweep(5) == 60_005
    kept = names.offset_file(10, ".log")
    assert files.listdir("/d/t-0") == [names.offset_file(0, ".log.deleted"), kept]
    assert later.sweep(60_004) == 60_005
    assert later.sweep(60_005) is None
    assert files.listdir("/d/t-0") == [kept]


def test_the_file_of_epochs_is_kafkas():
    _, made, _ = folder()
    epochs = LeaderEpochs([EpochStart(2, 5)])
    ((path, content),) = made.epochs_file(epochs)
    assert path == f"/d/t-0/{names.LEADER_EPOCH_CHECKPOINT}"
    assert content.split() == b"0\n1\n2 5\n".split()


def test_memory_keeps_nothing():
    made = MemoryFolder()
    made.write_snapshot(5, PRODUCERS)
    assert made.epochs_file(LeaderEpochs()) == []
    made.discard([], 0)
    assert made.latest_snapshot(9) is None
    assert made.take_unsynced() == ([], [])
