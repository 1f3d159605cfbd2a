"""The operating system's files, with every platform call hidden in turn, beside MemoryFiles."""

import contextlib
import os
import threading
from pathlib import Path

import pytest

from kafkacompat_storage.files import Files
from kafkacompat_storage.memory_files import MemoryFiles
from kafkacompat_storage.os_files import HIDE_VARIABLE, OsFiles, Platform

KINDS = [
    "memory",
    "",
    "preadv",
    "fdatasync",
    "syncfs",
    "fcntl",
    "preadv,pread,fdatasync,syncfs,fcntl",
]


@pytest.fixture(params=KINDS)
def files(request: pytest.FixtureRequest, tmp_path: Path):
    if request.param == "memory":
        made: Files = MemoryFiles()
    else:
        made = OsFiles(open_limit=3, hide_platform_calls=request.param.split(","))
    made.mkdir(f"{tmp_path}/d")
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return f"{tmp_path}/d"


def test_what_is_written_is_read(files: Files, folder: str):
    file = files.open(f"{folder}/a", create=True)
    file.write(0, b"hello")
    file.write(5, memoryview(b" world"))
    file.sync()
    assert file.read(0, 100) == b"hello world"
    assert file.read(6, 5) == b"world"
    assert (file.size(), files.size(f"{folder}/a")) == (11, 11)
    file.load(0, 11)
    nowait = file.read_nowait(2, 3)
    assert nowait is not None
    assert bytes(nowait) == b"llo"
    assert file.read_nowait(6, 6) is None
    file.truncate(4)
    assert file.read_nowait(0, 5) is None
    assert file.read(0, 100) == b"hell"
    file.close()
    assert file.read(0, 2) == b"he"


def test_descriptors_are_bounded_and_taken_back(files: Files, folder: str):
    handles = [files.open(f"{folder}/{number}", create=True) for number in range(9)]
    for number, handle in enumerate(handles):
        handle.write(0, b"%d" % number)
    assert [handle.read(0, 1) for handle in handles] == [b"%d" % number for number in range(9)]
    for handle in handles:
        handle.write(1, b"!")
        handle.sync()
    if isinstance(files, OsFiles):
        assert len(files._open_files) == 3


def test_small_files_folders_and_names(files: Files, folder: str):
    files.write_file(f"{folder}/x", b"1", sync=True)
    files.write_file(f"{folder}/x", b"22", sync=False)
    files.mkdir(f"{folder}/sub/deep")
    files.mkdir(f"{folder}/sub/deep")
    files.write_file(f"{folder}/sub/deep/f", b"f", sync=False)
    files.sync_directory(folder)
    files.sync_filesystem(folder)
    assert files.listdir(folder) == ["sub", "x"]
    files.rename(f"{folder}/x", f"{folder}/y")
    files.rename(f"{folder}/sub", f"{folder}/gone")
    assert files.read_file(f"{folder}/y") == b"22"
    assert files.read_file(f"{folder}/gone/deep/f") == b"f"
    assert files.read_file(f"{folder}/x") is None
    assert files.is_directory(f"{folder}/gone")
    files.rmtree(f"{folder}/gone")
    files.rmtree(f"{folder}/gone")
    files.unlink(f"{folder}/y")
    files.unlink(f"{folder}/y")
    assert files.listdir(folder) == []
    assert not files.exists(f"{folder}/gone")


def test_what_is_not_there_is_an_os_error(files: Files, folder: str):
    for attempt in (
        lambda: files.open(f"{folder}/none").read(0, 1),
        lambda: files.open(f"{folder}/no/ne", create=True),
        lambda: files.listdir(f"{folder}/none"),
        lambda: files.size(f"{folder}/none"),
        lambda: files.rename(f"{folder}/none", f"{folder}/other"),
    ):
        with pytest.raises(FileNotFoundError):
            attempt()


def test_a_lock_is_held_once_and_given_back(files: Files, folder: str):
    lock = files.lock(f"{folder}/.lock")
    with pytest.raises(BlockingIOError):
        files.lock(f"{folder}/.lock")
    lock.release()
    files.lock(f"{folder}/.lock").release()


def test_a_descriptor_in_use_by_a_thread_is_not_taken_back(tmp_path: Path):
    files = OsFiles(open_limit=1)
    first, second = (files.open(f"{tmp_path}/{name}", create=True) for name in "ab")
    first.write(0, b"1")
    entered, leave = threading.Event(), threading.Event()

    def slow_sync(descriptor: int) -> None:
        entered.set()
        leave.wait(10)
        os.fsync(descriptor)

    files.platform.sync = slow_sync
    thread = threading.Thread(target=first.sync)
    thread.start()
    assert entered.wait(10)
    second.write(0, b"2")
    leave.set()
    thread.join()
    assert (first.read(0, 1), second.read(0, 1)) == (b"1", b"2")
    files.close()


def test_the_environment_hides_calls(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(HIDE_VARIABLE, "preadv,pread,syncfs")
    platform = OsFiles().platform
    assert not platform.read_nowait
    assert not platform.positional
    assert platform.syncfs is None
    assert Platform([]).positional


def test_one_word_in_the_environment_hides_all_of_them(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(HIDE_VARIABLE, "1")
    platform = OsFiles().platform
    assert [platform.read_nowait, platform.positional, platform.locks] == [False] * 3
    assert platform.syncfs is None
    assert platform.sync is not getattr(os, "fdatasync", None)


def test_what_threads_loaded_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("kafkacompat_storage.os_files._LOADED_LIMIT_BYTES", 25)
    files = OsFiles(hide_platform_calls=["preadv"])
    file = files.open(f"{tmp_path}/a", create=True)
    file.write(0, bytes(range(40)))
    for position in (0, 10, 20, 30):
        file.load(position, 10)
    assert [file.read_nowait(at, 10) is None for at in (0, 10, 20, 30)] == [
        True,
        True,
        False,
        False,
    ]
    assert file.read_nowait(25, 10) is None


def test_who_reads_the_end_that_another_has_read_gets_the_same_bytes(tmp_path: Path):
    files = OsFiles(hide_platform_calls=())
    file = files.open(f"{tmp_path}/a", create=True)
    file.write(0, b"0123")
    first = file.read_nowait(2, 2)
    assert (first, file.read_nowait(2, 2) is first) == (b"23", True)
    assert file.read_nowait(1, 2) == b"12"
    file.write_several(4, [b"4", b"5"])
    assert file.read_nowait(2, 4) == b"2345"
    file.truncate(3)
    file.write(3, b"x")
    assert file.read_nowait(2, 2) == b"2x"


def test_only_so_many_files_keep_their_end(tmp_path: Path):
    files = OsFiles(hide_platform_calls=())
    made = [files.open(f"{tmp_path}/{number}", create=True) for number in range(40)]
    for file in made:
        file.write(0, b"x" * 100)
        file.read_nowait(0, 100)
    assert sum(file.tail is not None for file in made) <= 16
    made[-1].write(100, b"x" * (1 << 20))
    made[-1].read_nowait(0, (1 << 20) + 100)
    assert made[-1].tail is None or len(made[-1].tail[1]) == 100


def test_bytes_are_copied_to_the_same_place_of_another_file(files: Files, folder: str):
    files.write_file(f"{folder}/a", b"0123456789", sync=False)
    files.copy(f"{folder}/a", f"{folder}/b", 0, 4)
    files.copy(f"{folder}/a", f"{folder}/b", 4, 3)
    files.copy(f"{folder}/a", f"{folder}/b", 7, 0)
    assert files.read_file(f"{folder}/b") == b"0123456"
    with pytest.raises(OSError, match="shorter"):
        files.copy(f"{folder}/a", f"{folder}/b", 7, 4)
    with pytest.raises(FileNotFoundError):
        files.copy(f"{folder}/none", f"{folder}/b", 0, 1)


def test_the_size_of_what_a_folder_is_on_is_known_or_not(files: Files, folder: str):
    total, usable = files.space(folder)
    assert total >= usable >= -1


def test_who_has_a_file_reads_it_whatever_name_it_gets(files: Files, folder: str):
    old, new = files.open(f"{folder}/a", create=True), files.open(f"{folder}/b", create=True)
    old.write(0, b"old")
    new.write(0, b"new")
    reader = files.open(f"{folder}/a")
    old.load(0, 3)
    old.rename(f"{folder}/a.deleted")
    new.rename(f"{folder}/a")
    new.load(0, 3)
    assert (old.path, new.path) == (f"{folder}/a.deleted", f"{folder}/a")
    for file, content in ((old, b"old"), (new, b"new"), (reader, b"new")):
        assert file.read(0, 3) == content
        found = file.read_nowait(0, 3)
        assert found is None or bytes(found) == content
        file.close()
        assert file.read(0, 3) == content
    with pytest.raises(FileNotFoundError):
        files.open(f"{folder}/b").read(0, 1)


def test_a_file_that_is_renamed_again_and_again_is_always_found(tmp_path: Path):
    files = OsFiles()
    names = [f"{tmp_path}/one", f"{tmp_path}/two"]
    file, other = files.open(names[0], create=True), files.open(f"{tmp_path}/other", create=True)
    file.write(0, b"mine")
    other.write(0, b"else")
    file.close()
    failed: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                assert file.read(0, 4) == b"mine"
        except BaseException as error:
            failed.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(2000):
        file.rename(names[(turn + 1) % 2])
        other.rename(names[turn % 2])
        other.rename(f"{tmp_path}/other")
    done.set()
    reader.join()
    assert failed == []
    files.close()


def test_a_file_whose_name_another_has_got_is_gone_and_never_taken_for_it(tmp_path: Path) -> None:
    files = OsFiles()
    deleted = f"{tmp_path}/0.log.deleted"
    first, second = (files.open(f"{tmp_path}/{name}", create=True) for name in ("0.log", "0.swap"))
    first.write(0, b"first")
    second.write(0, b"second")
    for file in (first, second):
        file.close()
    first.rename(deleted)
    second.rename(f"{tmp_path}/0.log")
    assert first.read(0, 9) == b"first"
    second.rename(deleted)
    with pytest.raises(FileNotFoundError):
        first.read(0, 9)
    with contextlib.suppress(FileNotFoundError):  # where it can be asked at all
        assert first.read_nowait(0, 5) is None
    assert second.read(0, 9) == b"second"
