"""Names of a segment's files, changed while somebody reads."""

import pytest

from kafkacompat_storage import names
from kafkacompat_storage.memory_files import MemoryFiles
from kafkacompat_storage.segment import FileSegment
from kafkacompat_storage.txn_index import AbortedTransaction
from tests.support import batches as b
from tests.support.faulty_files import FaultyFiles


def sealed(files: MemoryFiles) -> FileSegment:
    files.mkdir("/d")
    segment = FileSegment(files, "/d", 0, created_ms=0, index_interval=1)
    segment.create()
    for offset in range(3):
        segment.stage(b.batch(b"v", base_offset=offset), offset, b.NOW)
    segment.write_staged()
    segment.aborted.append(AbortedTransaction(1, 0, 2, 3))
    segment.seal()
    segment.next_offset = 3
    return segment


def test_all_files_get_an_ending_and_are_read_under_it():
    files = MemoryFiles()
    segment = sealed(files)
    before = [batch.header for batch in segment.scan()]
    segment.rename(names.SWAP)
    assert files.listdir("/d") == [
        f"{0:020d}.{kind}.swap" for kind in ("index", "log", "timeindex", "txncrc", "txnindex")
    ]
    segment.forget_indexes()
    assert segment.aborted == segment.read_aborted(3) == [AbortedTransaction(1, 0, 2, 3)]
    assert segment.read_aborted(2) == []
    assert [batch.header for batch in segment.scan()] == before
    segment.rename("")
    assert segment.paths() == [f"/d/{name}" for name in files.listdir("/d")][1:2] + [
        f"/d/{0:020d}.{kind}" for kind in ("index", "timeindex", "txnindex", "txncrc")
    ]


@pytest.mark.parametrize(("ending", "first"), [(names.SWAP, ".log.swap"), ("", ".log")])
def test_the_log_is_renamed_first_and_last_when_it_is_deleted(ending: str, first: str):
    files = FaultyFiles()
    segment = sealed(files)
    segment.rename(names.CLEANED)
    renamed: list[str] = []
    files.fault = lambda operation, path: renamed.append(path) if operation == "rename" else None
    segment.rename(ending)
    assert renamed[0].endswith(first)
    renamed.clear()
    segment.rename(names.DELETED)
    assert renamed[-1].endswith(".log.deleted")
    assert len(renamed) == 5
