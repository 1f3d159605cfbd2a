"""The files of a segment's indexes: written in parts, or anew."""

from kafkacompat_storage.index_files import IndexFiles
from kafkacompat_storage.memory_files import MemoryFiles
from kafkacompat_storage.offset_index import OffsetIndex
from kafkacompat_storage.time_index import TimeIndex
from kafkacompat_storage.txn_index import AbortedTransaction, is_sound


def test_only_entries_that_are_new_are_written():
    files = MemoryFiles()
    files.mkdir("/d")
    made = IndexFiles(files, "/d", 5)
    index, times = OffsetIndex(), TimeIndex()
    index.append(1, 100)
    made.write(index, times, [], 200)
    assert made.covers == 200
    assert files.listdir("/d") == ["00000000000000000005.index", "00000000000000000005.timeindex"]
    first = files.read_file(made.paths()[0])
    index.append(2, 300)
    made.write(index, times, [AbortedTransaction(1, 5, 6, 7)], 400)
    written, _ = made.read()
    aborted, checksum = map(files.read_file, made.paths()[2:])
    assert is_sound(aborted, checksum)
    assert first is not None
    assert written == first + b"\x00\x00\x00\x02\x00\x00\x01\x2c"
    assert aborted is not None
    assert len(aborted) == 34


def test_what_is_forgotten_is_written_anew():
    files = MemoryFiles()
    files.mkdir("/d")
    made = IndexFiles(files, "/d", 0)
    index = OffsetIndex()
    index.append(1, 100)
    made.write(index, TimeIndex(), [], 200)
    made.drop()
    assert made.read()[0] is None
    made.forget()
    assert made.covers == -1
    made.write(index, TimeIndex(), [], 200)
    assert made.read()[0] == b"\x00\x00\x00\x01\x00\x00\x00\x64"
