"""Aborted transactions are found again where their index is gone or garbled."""

import pytest

from kafkacompat_protocol.errors import KafkaError
from kafkacompat_storage.aborted import find_aborted_again
from kafkacompat_storage.memory_files import MemoryFiles
from kafkacompat_storage.names import TXN_INDEX
from kafkacompat_storage.queries import find_aborted
from tests.support import batches as b


def aborted_in_two_segments() -> MemoryFiles:
    files = MemoryFiles()
    log = b.new_log(files)
    b.append(log, b.batch(b"a", producer_id=1, epoch=0, sequence=0, transactional=True))
    b.append(log, b.marker(1, 0, commit=False), own=True)
    b.append(log, b.batch(b"b", producer_id=2, epoch=0, sequence=0, transactional=True))
    log.roll(b.NOW)
    b.append(log, b.marker(2, 0, commit=False), own=True)
    log.close(clean=True)
    return files


def test_each_segment_has_those_whose_markers_are_in_it() -> None:
    files = aborted_in_two_segments()
    assert find_aborted_again(files, "/d/t-0", 0) == [(1, 0, 1, 2)]
    assert find_aborted_again(files, "/d/t-0", 3) == [(2, 2, 3, 4)]


@pytest.mark.parametrize("change", ["gone", "garbled"])
def test_an_index_that_is_not_as_it_was_is_not_believed(change: str) -> None:
    files = aborted_in_two_segments()
    for path in [path for path in files.contents if path.endswith(TXN_INDEX)]:
        if change == "gone":
            del files.contents[path]
        else:
            files.contents[path][9] ^= 1
    assert find_aborted(b.new_log(files), 0, 4) == [(1, 0), (2, 2)]


def test_damaged_batches_are_no_answer() -> None:
    files = aborted_in_two_segments()
    files.contents["/d/t-0/00000000000000000000.log"][70] ^= 1
    with pytest.raises(KafkaError):
        find_aborted_again(files, "/d/t-0", 0)
