"""What is wrong in a directory is found, named, and left alone."""

import pytest

from kafkacompat_storage import names
from kafkacompat_storage.examination import CUT, SET_ASIDE, Finding, examine
from kafkacompat_storage.memory_files import MemoryFiles
from tests.crash.flips import DATA, FOLDER, Subject

LOG = f"{FOLDER}/{0:020d}.log"


@pytest.fixture(scope="module")
def subject() -> Subject:
    return Subject("clean")


def files_of(subject: Subject) -> MemoryFiles:
    contents = {path: bytearray(kept) for path, kept in subject.files.items()}
    return MemoryFiles(contents, set(subject.folders))


def found_in(files: MemoryFiles) -> list[Finding]:
    before = {path: bytes(kept) for path, kept in files.contents.items()}
    found = list(examine(files, DATA))
    assert {path: bytes(kept) for path, kept in files.contents.items()} == before
    return found


def test_a_directory_that_was_closed_is_sound(subject: Subject) -> None:
    assert found_in(files_of(subject)) == []


def test_bad_bytes_are_named_with_the_offsets_that_were_there(subject: Subject) -> None:
    files = files_of(subject)
    base, following, position, size = subject.original.batches[10]
    files.contents[LOG][position + 70] ^= 1
    (found,) = found_in(files)
    assert (found.position, found.end, found.repair) == (position, position + size, CUT)
    assert (found.partition, found.path) == ("t-0", LOG)
    assert found.offsets == f"{base}-{following - 1}"
    assert "CRC" in found.what


@pytest.mark.parametrize("kind", [".index", ".timeindex", ".snapshot", "leader-epoch-checkpoint"])
def test_files_that_are_derived_can_be_set_aside(subject: Subject, kind: str) -> None:
    files = files_of(subject)
    path = subject.kinds()[kind]
    files.contents[path][len(files.contents[path]) // 2] ^= 4
    found = found_in(files)
    assert [(each.path, each.repair) for each in found] == [(path, SET_ASIDE)]


def test_what_is_left_over_is_told(subject: Subject) -> None:
    files = files_of(subject)
    torn = files.contents[LOG][: sum(subject.original.batches[1][2:])] + b"rest"
    files.contents[f"{FOLDER}/{99:020d}{names.TORN}"] = torn
    files.contents[LOG + names.CLEANED] = bytearray()
    files.mkdir(f"{DATA}/{names.stray_folder('old', 0, 'a' * 32)}")
    told = [each.what for each in found_in(files)]
    assert len(told) == 3
    assert any("2 whole batches" in each for each in told)
