"""A time index that is not as it was written is found out by the batches."""

import pytest

from kafkacompat_storage.queries import find_timestamp
from kafkacompat_storage.segment import FileSegment
from kafkacompat_storage.timestamps import is_entry_true, latest_timestamp
from tests.support import batches as b


@pytest.fixture
def segment() -> FileSegment:
    log = b.new_log()
    for number in range(9):
        b.append(log, b.batch(b"x", timestamp=b.NOW + number))
    found = log.segments[0]
    assert isinstance(found, FileSegment)
    return found


def test_the_latest_timestamp_is_known_unless_the_index_names_another(segment: FileSegment) -> None:
    last = segment.next_offset - 1
    assert latest_timestamp(segment, b.NOW + last, last) == b.NOW + last
    assert latest_timestamp(segment, -1, 0) == b.NOW + last
    assert latest_timestamp(segment, b.NOW + last + 1, last) is None


def test_an_entry_is_true_if_its_batch_has_that_timestamp(segment: FileSegment) -> None:
    assert is_entry_true(segment, b.NOW + 3, 3)
    assert not is_entry_true(segment, b.NOW + 3, 4)
    assert not is_entry_true(segment, b.NOW + 99, 99)


def test_a_record_is_found_though_the_index_was_changed() -> None:
    from kafkacompat_storage.memory_files import MemoryFiles

    files = MemoryFiles()
    log = b.new_log(files)
    for number in range(40):
        b.append(log, b.batch(b"x", timestamp=b.NOW + 10 * number))
    log.close(clean=True)
    path = log.segments[0].paths()[2]
    for byte in range(len(files.contents[path])):
        files.contents[path][byte] ^= 2
        again = b.new_log(files)
        for number in (1, 5, 9, 12):
            found = find_timestamp(again, b.NOW + 10 * number)
            assert found is not None
            assert found.offset == number
        files.contents[path][byte] ^= 2
