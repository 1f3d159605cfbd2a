"""What MemoryFiles does that the tests shared with OsFiles do not show."""

import pytest

from kafkacompat_storage.memory_files import MemoryFiles


def test_writing_past_the_end_fills_with_zeros():
    files = MemoryFiles()
    files.mkdir("/d")
    file = files.open("/d/a", create=True)
    file.write(3, b"x")
    assert file.read(0, 9) == b"\0\0\0x"
    file.truncate(6)
    assert file.size() == 6


def test_a_folder_is_not_renamed_over_another():
    files = MemoryFiles()
    files.mkdir("/a")
    files.mkdir("/b")
    with pytest.raises(FileExistsError):
        files.rename("/a", "/b")
