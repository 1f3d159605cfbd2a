"""Syncing many files: which way is taken, and whose a failure is."""

import errno

from kafkacompat_storage.folder import Pending
from kafkacompat_storage.syncing import Syncer
from tests.support.batches import NOW, batch, new_log, write
from tests.support.faulty_files import FaultyFiles


def written(files: FaultyFiles, count: int) -> list[Pending]:
    """Logs with one batch each that is not synced yet; their names are."""
    logs = [new_log(files, f"/d/t-{number}") for number in range(count)]
    for log in logs:
        log.begin_commit()
        write(log, memoryview(batch(b"x")), now_ms=NOW, leader_epoch=0)
    files.sync_directory("/d")
    for log in logs:
        files.sync_directory(log.active.paths()[0].rpartition("/")[0])
    return [log.begin_commit() for log in logs]


def record_operations(files: FaultyFiles) -> list[str]:
    seen: list[str] = []

    def note(operation: str, path: str) -> None:
        seen.append(operation)

    files.fault = note
    return seen


def unsynced(files: FaultyFiles) -> list[str]:
    left = files.survivors("power")[0]
    return [path for path, kept in files.contents.items() if left.get(path) != bytes(kept)]


def test_one_file_is_synced_by_itself():
    files = FaultyFiles()
    pendings = written(files, 1)
    seen = record_operations(files)
    assert Syncer().sync(pendings) == {}
    assert (seen, unsynced(files)) == (["sync"], [])


def test_many_files_are_synced_together():
    files = FaultyFiles()
    pendings = written(files, 9)
    seen = record_operations(files)
    assert Syncer().sync(pendings) == {}
    assert (seen, unsynced(files)) == (["sync_filesystem"], [])


def test_where_there_is_no_syncfs_many_files_are_synced_in_parallel():
    files = FaultyFiles(has_syncfs=False)
    pendings = written(files, 9)
    seen = record_operations(files)
    syncer = Syncer(threads=3)
    assert syncer.sync(pendings) == {}
    assert (seen, unsynced(files)) == (["sync"] * 9, [])
    syncer.close()


def test_a_file_that_fails_fails_its_log_a_file_system_fails_all():
    files = FaultyFiles(has_syncfs=False)
    pendings = written(files, 5)
    files.fault = lambda operation, path: OSError(errno.EIO, "x") if "t-3" in path else None
    syncer = Syncer()
    assert list(syncer.sync(pendings)) == [3]
    syncer.close()
    files.has_syncfs = True
    files.fault = lambda operation, path: OSError(errno.EIO, "x")
    assert list(Syncer().sync(pendings)) == [0, 1, 2, 3, 4]


def test_derived_files_that_are_gone_do_not_matter():
    files = FaultyFiles()
    (pending,) = written(files, 1)
    assert Syncer().sync([pending._replace(paths=["/d/t-0/gone"])]) == {}


def test_the_slower_way_is_left_and_tried_again():
    files = FaultyFiles()
    pendings = written(files, 5)
    clock = [0.0]
    cost = {"sync_filesystem": 1.0, "sync": 0.01}

    def spend(operation: str, path: str) -> None:
        clock[0] += cost[operation]
        seen.append(operation)

    seen: list[str] = []
    files.fault = spend
    syncer = Syncer(threads=1, seconds=lambda: clock[0])
    for _ in range(130):
        syncer.sync(pendings)
    syncer.close()
    assert seen[0] == "sync_filesystem"
    assert seen.count("sync_filesystem") < 10
    assert seen.count("sync") > 500
