"""Locks on files of the operating system."""

import os
from pathlib import Path

import pytest

from kafkacompat_storage.os_files import OsFiles
from kafkacompat_storage.os_lock import OsLock, has_fcntl


@pytest.mark.parametrize("with_fcntl", [False, has_fcntl()])
def test_a_lock_is_held_once_and_given_back(tmp_path: Path, with_fcntl: bool):
    path = f"{tmp_path}/.lock"
    lock = OsLock(path, with_fcntl=with_fcntl)
    with pytest.raises(BlockingIOError):
        OsLock(path, with_fcntl=with_fcntl)
    lock.release()
    lock.release()
    OsLock(path, with_fcntl=with_fcntl).release()


def test_a_lock_left_by_a_dead_process_is_taken_over(tmp_path: Path):
    files = OsFiles(hide_platform_calls=["fcntl"])
    pid = os.spawnlp(os.P_NOWAIT, "true", "true")
    os.waitpid(pid, 0)
    (tmp_path / ".lock.pid").write_text(str(pid))
    files.lock(f"{tmp_path}/.lock").release()
