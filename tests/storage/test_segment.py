"""A segment's files: what is written when, and what other hands did to them."""

import pytest

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.records.batch import patch_base_offset
from kafkacompat_storage import names
from kafkacompat_storage.memory_files import MemoryFile, MemoryFiles
from kafkacompat_storage.segment import FileSegment
from kafkacompat_storage.segments import Chunk, Need
from kafkacompat_storage.txn_index import AbortedTransaction
from tests.support.batches import NOW, batch


def segment_of(files: MemoryFiles, base_offset: int = 0) -> FileSegment:
    files.mkdir("/d")
    return FileSegment(files, "/d", base_offset, created_ms=NOW, index_interval=150)


def filled(count: int = 20) -> tuple[MemoryFiles, FileSegment]:
    files = MemoryFiles()
    segment = segment_of(files)
    segment.create()
    extend(segment, count)
    return files, segment


def extend(segment: FileSegment, count: int) -> None:
    for offset in range(segment.next_offset, segment.next_offset + count):
        content = batch(b"%03d" % offset, timestamp=NOW + offset)
        patch_base_offset(content, 0, offset)
        segment.stage(content, offset, NOW + offset)
        segment.write_staged()


def path(suffix: str) -> str:
    return f"/d/{names.offset_file(0, suffix)}"


def test_indexes_are_written_when_sealed_and_only_what_is_new_after_that():
    files, segment = filled()
    assert files.listdir("/d") == [names.offset_file(0, ".log")]
    segment.write_indexes()
    first = bytes(files.content(path(".index")))
    assert len(first) > 8
    extend(segment, 20)
    segment.aborted.append(AbortedTransaction(1, 2, 3, 4))
    segment.seal()
    assert bytes(files.content(path(".index"))).startswith(first)
    assert len(files.content(path(".txnindex"))) == 34
    again = segment_of(files)
    again.open_sealed(40)
    again.load_indexes()
    assert again._index is not None
    assert segment._index is not None
    assert again._index.entries == segment._index.entries
    assert again.max_timestamp == NOW + 39
    assert again.aborted == segment.aborted


def test_the_active_file_is_taken_over_to_its_last_batch():
    files, segment = filled(33)
    segment.write_indexes()
    extend(segment, 9)
    again = segment_of(files)
    again.open_active()
    assert (again.next_offset, again.size, again.max_timestamp) == (42, segment.size, NOW + 41)
    assert again.first_timestamp == NOW
    extend(again, 1)
    assert again.locate(42) == segment.size


def test_index_files_that_kafka_filled_with_zeros_are_cut_when_written():
    files, segment = filled()
    segment.seal()
    size = files.size(path(".index"))
    files.contents[path(".index")] += bytes(4000)
    files.contents[path(".timeindex")] += bytes(4000)
    again = segment_of(files)
    again.open_active()
    assert again.next_offset == 20
    extend(again, 10)
    again.seal()
    assert size < files.size(path(".index")) < 400
    assert files.size(path(".timeindex")) < 400


def test_a_wrong_index_is_found_out_and_made_again():
    files, segment = filled(40)
    segment.seal()
    files.contents[path(".index")][7] ^= 8
    again = segment_of(files)
    again.open_sealed(40)
    for offset in range(40):
        found = again.locate(offset)
        while isinstance(found, Need):
            again.load(found)
            found = again.locate(offset)
        assert found == segment.locate(offset)


def test_bytes_of_another_run_are_checked_when_they_are_read():
    files, segment = filled()
    size = segment.size // 20
    segment.seal()
    files.contents[path(".log")][size * 10 + 65] ^= 1
    again = segment_of(files)
    again.open_active()
    good = again.read(0, size * 10, again.size, True)
    assert isinstance(good, Chunk)
    assert (good.size, good.next_offset) == (size * 10, 10)
    with pytest.raises(KafkaError) as raised:
        again.read(size * 9, size * 4, again.size, True)
    assert raised.value.code == ErrorCode.CORRUPT_MESSAGE
    assert isinstance(again.read(size * 11, size * 4, again.size, True), Chunk)


def test_a_length_that_cannot_be_is_corrupt_and_not_walked_forever():
    files, segment = filled()
    size = segment.size // 20
    files.contents[path(".log")][size + 8 : size + 12] = b"\xff\xff\xff\x00"
    with pytest.raises(KafkaError):
        segment.locate(2)
    with pytest.raises(KafkaError):
        segment.read(size, size * 3, segment.size, True)


def test_indexes_are_made_again_beside_a_reader():
    files, segment = filled(40)
    segment.seal()
    files.unlink(path(".index"))
    again = segment_of(files)
    again.open_sealed(40)
    sizes: list[int] = []

    class Watched(MemoryFile):
        def read(self, position: int, size: int) -> bytes:
            sizes.append(again.size)
            return super().read(position, size)

    again.file = Watched(files, path(".log"))
    again.load(Need(0, 0))
    assert set(sizes) == {segment.size}
    assert again.locate(39) == segment.locate(39)


def test_a_wrong_index_does_not_cut_batches_in_the_middle():
    files, segment = filled(40)
    size = segment.size // 40
    segment.write_indexes()
    for at in range(3, files.size(path(".index")), 4):
        files.contents[path(".index")][at] ^= 1
        again = segment_of(files)
        again.open_active()
        for count in range(1, 30):
            found = again.read(0, size * count + 5, again.size, True)
            assert isinstance(found, Chunk)
            assert (found.size, found.next_offset) == (size * count, count)
        files.contents[path(".index")][at] ^= 1


def test_forgetting_leaves_the_file_and_truncating_cuts_it():
    files, segment = filled()
    whole = segment.size
    size = whole // 20
    segment.forget(size * 15, 15)
    assert (segment.next_offset, segment.size, files.size(path(".log"))) == (15, size * 15, whole)
    segment.file.truncate(size * 5)
    segment.forget(size * 5, 5)
    assert (segment.next_offset, files.size(path(".log"))) == (5, size * 5)
    assert (segment.max_timestamp, segment.locate(4)) == (NOW + 4, size * 4)
    segment.file.write(segment.size, b"half a batch")
    segment.undo(segment.size)
    assert files.size(path(".log")) == size * 5


def test_indexes_have_a_limit():
    _, segment = filled(40)
    assert segment._index is not None
    count = len(segment._index.entries)
    assert not segment.indexes_full(count * 12 + 12)
    assert segment.indexes_full(count * 8)


def test_a_segment_goes_on_in_another_folder():
    files = MemoryFiles()
    files.mkdir("/d/other")
    segment = FileSegment(files, "/d", 0, created_ms=NOW, index_interval=1)
    segment.create()
    for number in range(3):
        content = batch(b"x" * 100, base_offset=number)
        segment.stage(content, number, NOW + number)
        segment.write_staged()
    before = segment.read(0, 1 << 20, segment.size, True)
    for path in segment.paths()[:1]:
        files.copy(path, f"/d/other/{path.rpartition('/')[2]}", 0, segment.size)
    segment.relocate("/d/other")
    files.rmtree("/d/00000000000000000000.log")
    assert segment.read(0, 1 << 20, segment.size, True) == before
    segment.seal()
    assert all(path.startswith("/d/other/") for path in segment.paths())
    assert files.exists(segment.paths()[1])
