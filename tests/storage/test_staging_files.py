"""What is staged, held and written of a segment, and where its file ends meanwhile."""

from kafkacompat_storage.memory_files import MemoryFiles
from kafkacompat_storage.staging_files import StagingFiles


def staging(*contents: bytes) -> tuple[MemoryFiles, StagingFiles]:
    files = MemoryFiles()
    files.mkdir("/d")
    made = StagingFiles(files, "/d", 0, "")
    made.create()
    stage(made, *contents)
    return files, made


def stage(segment: StagingFiles, *contents: bytes) -> None:
    for content in contents:
        segment._staged.append(memoryview(bytearray(content)))
        segment.size += len(content)


def test_what_is_held_is_a_copy_and_counts_as_unwritten() -> None:
    _, segment = staging(b"abc", b"de")
    views = list(segment._staged)
    assert segment.hold_staged() == 5
    for view in views:
        view[:] = bytes(len(view))  # type: ignore[index]
    assert (segment.held(), segment.unwritten, segment.written) == ([b"abc", b"de"], 5, 0)
    stage(segment, b"f")
    assert segment.held() == [b"abc", b"de"]
    assert (segment.hold_staged(), segment.unwritten) == (1, 6)


def test_what_a_thread_wrote_is_held_no_longer() -> None:
    _, segment = staging(b"abc", b"de")
    segment.hold_staged()
    stage(segment, b"f")
    segment.hold_staged()
    segment.wrote(2)
    assert (segment.held(), segment.unwritten, segment.written) == ([b"f"], 1, 5)


def test_what_is_held_is_written_by_the_owner_with_the_rest() -> None:
    files, segment = staging(b"abc")
    segment.hold_staged()
    stage(segment, b"de")
    segment.write_staged()
    assert files.read_file(segment.file.path) == b"abcde"
    assert (segment.held(), segment.unwritten, segment.written) == ([], 0, 5)


def test_what_is_undone_is_neither_held_nor_in_the_file() -> None:
    files, segment = staging(b"abc")
    segment.write_staged()
    stage(segment, b"de")
    segment.hold_staged()
    segment.file.write_behind(3, segment.held())
    segment.undo(3)
    assert files.read_file(segment.file.path) == b"abc"
    assert (segment.held(), segment.unwritten) == ([], 0)
