"""The store in memory."""

from kafkacompat_storage.memory_store import MemoryStore
from tests.support import batches as b
from tests.support.batches import NOW, append, batch, read_all


def test_partitions_live_and_go():
    store = MemoryStore(now_ms=NOW, cluster_id="c")
    log = store.open("t", 0, b"1" * 16, b.rules())
    append(log, batch(b"x"))
    assert store.open("t", 0, b"1" * 16, b.rules()) is log
    assert (store.partitions(), store.opened()) == ([("t", 0)], [log])
    assert store.size_of("t", 0) == len(read_all(log)) > store.size_of("t", 1) == 0
    assert store.files.is_directory(store.folder_of("t", 0))
    assert store.log_dir_of("t", 0) == store.log_dirs[0]
    assert store.recover() == []
    store.checkpoint()
    store.sweep(0)
    store.delete("t", 0, b"1" * 16)
    assert store.partitions() == []
    assert store.open("t", 0, b"2" * 16, b.rules()).end_offset == 0
    store.close(clean=True)
    assert (store.cluster_id, len(store.directory_id)) == ("c", 16)
