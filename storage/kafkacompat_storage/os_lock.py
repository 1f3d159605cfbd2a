"""A lock on a file of the operating system, held by one process, and by one holder within it."""

import errno
import os
import struct
import sys
from typing import Final

_OPEN_FLAGS: Final = os.O_RDWR | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class OsLock:
    """A lock on a whole file, which a JVM's FileChannel.tryLock sees too.

    On Linux it belongs to this open file, so that a second one in this process is refused. Without
    such locks the file is made exclusively, and one left behind by a dead process is taken over.
    """

    def __init__(self, path: str, *, with_fcntl: bool) -> None:
        self._made = ""
        if with_fcntl:
            self._descriptor = os.open(path, _OPEN_FLAGS | os.O_CREAT, 0o644)
            try:
                _lock_descriptor(self._descriptor)
            except OSError as error:
                os.close(self._descriptor)
                raise BlockingIOError(errno.EAGAIN, "locked by another process", path) from error
            return
        self._made = path + ".pid"
        _remove_if_stale(self._made)
        try:
            flags = _OPEN_FLAGS | os.O_CREAT | os.O_EXCL
            self._descriptor = os.open(self._made, flags, 0o644)
        except FileExistsError as error:
            raise BlockingIOError(errno.EAGAIN, "locked by another process", path) from error
        os.write(self._descriptor, str(os.getpid()).encode())

    def release(self) -> None:
        if self._descriptor < 0:
            return
        os.close(self._descriptor)
        self._descriptor = -1
        if self._made:
            os.unlink(self._made)


def has_fcntl() -> bool:
    """Whether this system has such locks."""
    try:
        import fcntl  # noqa: F401
    except ImportError:
        return False
    return True


def _lock_descriptor(descriptor: int) -> None:
    import fcntl

    open_file_lock = getattr(fcntl, "F_OFD_SETLK", None)
    if open_file_lock is None or sys.platform != "linux" or sys.maxsize < 1 << 40:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return
    # struct flock: type, whence, start, length (0: to the end), pid (0 is demanded).
    whole_file = struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    fcntl.fcntl(descriptor, open_file_lock, whole_file)


def _remove_if_stale(path: str) -> None:
    """Remove the file of a lock whose process is gone."""
    try:
        with open(path, "rb") as file:
            os.kill(int(file.read()), 0)
    except (ProcessLookupError, ValueError):
        os.unlink(path)
    except (FileNotFoundError, PermissionError):
        pass
