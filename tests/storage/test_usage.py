"""What is in which directory, of logs that are open and of those that nobody has used."""

from kafkacompat_storage.disk_store import DiskStore
from kafkacompat_storage.memory_files import MemoryFiles
from kafkacompat_storage.names import TopicPartition
from kafkacompat_storage.usage import DirUse, ReplicaUse, size_of_folder
from tests.support import batches as b
from tests.support.batches import NOW, append, batch

ONE, TWO = "/d/one", "/d/two"
ID = bytes(range(16))


def two_dirs(files: MemoryFiles) -> DiskStore:
    return DiskStore(files, [ONE, TWO], node_id=1, now_ms=NOW)


def test_sizes_are_those_of_the_batches_whether_a_log_is_open_or_not() -> None:
    files = MemoryFiles()
    store = two_dirs(files)
    log = store.open("t", 0, ID, b.rules())
    append(log, batch(b"x" * 100))
    store.open("t", 1, ID, b.rules())
    size = size_of_folder(files, f"{ONE}/t-0")
    expected = [
        DirUse(ONE, [ReplicaUse(TopicPartition("t", 0), size)]),
        DirUse(TWO, [ReplicaUse(TopicPartition("t", 1), 0)]),
    ]
    assert size > 100
    assert store.prepare_usage()() == expected
    store.close(clean=True)
    assert two_dirs(files).prepare_usage()() == expected


def test_a_directory_that_cannot_be_read_says_so_and_the_others_are_told() -> None:
    files = MemoryFiles()
    store = two_dirs(files)
    for number in range(2):
        append(store.open("t", number, ID, b.rules()), batch(b"x"))
    store.close(clean=True)
    describe = two_dirs(files).prepare_usage()
    files.rmtree(f"{TWO}/t-1")
    one, two = describe()
    assert (one.is_readable, two.is_readable) == (True, False)


def test_a_partition_that_is_deleted_meanwhile_is_not_told_of() -> None:
    files = MemoryFiles()
    store = two_dirs(files)
    for number in range(2):
        append(store.open("t", number, ID, b.rules()), batch(b"x"))
    store.close(clean=True)
    again = two_dirs(files)
    describe = again.prepare_usage()
    again.delete("t", 1, ID)
    _, two = describe()
    assert (two.is_readable, two.replicas) == (True, [])
