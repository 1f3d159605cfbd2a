"""Opening a store by what is configured, on a real file system and in memory."""

from pathlib import Path

import pytest

from kafkacompat_storage.disk_store import DiskStore
from kafkacompat_storage.journal import LocalJournal
from kafkacompat_storage.memory_store import MemoryStore
from kafkacompat_storage.os_files import OsFiles
from kafkacompat_storage.store import open_store
from tests.support import batches as b
from tests.support.batches import NOW, batch, read_all


def test_without_directories_everything_is_in_memory():
    assert isinstance(open_store([], node_id=1, now_ms=NOW), MemoryStore)


@pytest.mark.parametrize("hidden", ["", "preadv", "preadv,pread,fdatasync,syncfs,fcntl"])
def test_what_was_synced_is_there_after_a_restart(tmp_path: Path, hidden: str):
    def start() -> DiskStore:
        files = OsFiles(hide_platform_calls=hidden.split(","))
        store = open_store([f"{tmp_path}/data"], node_id=1, now_ms=NOW, files=files)
        assert isinstance(store, DiskStore)
        store.recover()
        return store

    store = start()
    journal = LocalJournal("fsync", lambda work: None)
    logs = [store.open("t", number, bytes(16), b.rules()) for number in range(4)]
    for number in range(40):
        content = memoryview(batch(b"%02d" % number))
        journal.append(logs[number % 4], content, now_ms=NOW, leader_epoch=0)
    journal.close()
    whole = [read_all(log) for log in logs]
    assert [len(b.offsets(found)) for found in whole] == [10] * 4
    store.checkpoint()
    store.close(clean=False)
    for clean in (True, False):
        again = start()
        found = [read_all(again.open("t", number, bytes(16), b.rules())) for number in range(4)]
        assert found == whole
        again.close(clean=clean)
