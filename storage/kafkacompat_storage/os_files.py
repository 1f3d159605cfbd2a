"""Files with the operating system: with os_lock, the only module that makes platform calls.

Positional I/O everywhere; on Linux, reads that never wait (RWF_NOWAIT), fdatasync and syncfs. Where
a call does not exist, or is hidden from us to test just that, the portable one takes its place.
"""

import errno
import os
import sys
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Final
from weakref import WeakValueDictionary

from .files import Buffer
from .os_lock import OsLock, has_fcntl

HIDE_VARIABLE: Final = "KAFKACOMPAT_HIDE_PLATFORM"
"""Environment: comma-separated calls not to use, of `HIDEABLE`, or 1 for all of them."""
HIDEABLE: Final = ("preadv", "pread", "fdatasync", "syncfs", "fcntl")

_OPEN_FLAGS: Final = os.O_RDWR | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_SYNCFS_REPORTS_ERRORS_SINCE: Final = (5, 8)
_VECTOR_LIMIT: Final = 1024
"""Buffers that one call takes: IOV_MAX of every system we know."""
_TAILS_LIMIT, _TAIL_BYTES = 16, 1 << 20
"""Files that keep the last bytes that were read of them, and how many each at most."""
_COPIED_BYTES: Final = 1 << 20
"""Bytes read at a time when they are copied."""
_LOADED_LIMIT_BYTES: Final = 64 << 20


class Platform:
    """Which calls there are, less those that are hidden."""

    def __init__(self, hidden: Iterable[str]) -> None:
        hidden = frozenset(hidden)
        has = {name: hasattr(os, name) and name not in hidden for name in ("preadv", "fdatasync")}
        self.read_nowait = has["preadv"] and hasattr(os, "RWF_NOWAIT")
        self.vectored = has["preadv"] and hasattr(os, "pwritev")
        self.positional = hasattr(os, "pread") and "pread" not in hidden
        self.sync: Callable[[int], object] = os.fdatasync if has["fdatasync"] else _portable_sync
        self._hides_syncfs = "syncfs" in hidden
        self.locks = "fcntl" not in hidden and has_fcntl()
        self.syncs_directories = sys.platform != "win32"

    @cached_property
    def syncfs(self) -> Callable[[int], None] | None:
        """Make everything written to a descriptor's file system durable; None if that cannot be.

        Looked for when it is first needed, as what it takes to call it is slow to import.
        """
        return None if self._hides_syncfs else _find_syncfs()


def hidden_by_environment() -> Sequence[str]:
    """Return the calls that the environment tells us not to use."""
    text = os.environ.get(HIDE_VARIABLE, "")
    return HIDEABLE if text == "1" else text.split(",")


class OsFile:
    """One file. Its descriptor is opened when needed and may be taken back at any time."""

    __slots__ = (
        "__weakref__",
        "_descriptor",
        "_end",
        "_files",
        "_pins",
        "is_replaced",
        "path",
        "recently_used",
        "tail",
    )

    def __init__(self, files: "OsFiles", path: str) -> None:
        self.path = path
        self.recently_used = False
        self.is_replaced = False
        """Whether another file has got the name: there is no opening this one any more."""
        self._files = files
        self._descriptor = -1
        self._pins = 0
        self._end = -1
        self.tail: tuple[int, bytearray] | None = None
        """Position and content of the last read that reached the end of what we wrote."""

    def write(self, position: int, content: Buffer) -> None:
        descriptor = self._descriptor
        if descriptor < 0:
            descriptor = self._open()
        self.recently_used = True
        self._end = position + len(content)
        self._write_at(descriptor, position, content)

    def _write_at(self, descriptor: int, position: int, content: Buffer) -> None:
        if not self._files.platform.positional:
            self._files.write_seeking(descriptor, position, content)
            return
        written = os.pwrite(descriptor, content, position)
        while written < len(content):
            with memoryview(content) as view:
                more = os.pwrite(descriptor, view[written:], position + written)
            if more == 0:
                raise OSError(errno.EIO, "nothing was written", self.path)
            written += more

    def write_several(self, position: int, contents: list[Buffer]) -> None:
        if len(contents) == 1 or not self._files.platform.vectored:
            self.write(position, contents[0] if len(contents) == 1 else b"".join(contents))
            return
        descriptor = self._descriptor
        if descriptor < 0:
            descriptor = self._open()
        self.recently_used = True
        for first in range(0, len(contents), _VECTOR_LIMIT):
            part = contents[first : first + _VECTOR_LIMIT]
            size = sum(map(len, part))
            written = os.pwritev(descriptor, part, position)
            if written < size:
                self.write(position + written, memoryview(b"".join(part))[written:])
            position += size
        self._end = position

    def write_behind(self, position: int, contents: list[Buffer]) -> None:
        descriptor, is_own = self._pin()
        try:
            for content in _pieces(contents):
                self._write_at(descriptor, position, content)
                position += len(content)
        finally:
            self._unpin(descriptor, is_own)
        self._end = position

    def read(self, position: int, size: int) -> bytes:
        read = os.pread if self._files.platform.positional else self._files.read_seeking
        descriptor, is_own = self._pin()
        try:
            found = read(descriptor, size, position)
            if len(found) in (size, 0):
                return found
            pieces = [found]
            missing = size - len(found)
            while missing and (piece := read(descriptor, missing, position + size - missing)):
                pieces.append(piece)
                missing -= len(piece)
            return b"".join(pieces)
        finally:
            self._unpin(descriptor, is_own)

    def read_nowait(self, position: int, size: int) -> Buffer | None:
        tail = self.tail
        if tail is not None and tail[0] == position and len(tail[1]) == size:
            return tail[1]
        if self._files.platform.read_nowait:
            descriptor = self._descriptor
            if descriptor < 0:
                descriptor = self._open()
            self.recently_used = True
            buffer = bytearray(size)
            try:
                if os.preadv(descriptor, [buffer], position, os.RWF_NOWAIT) == size:
                    if position + size == self._end and size <= _TAIL_BYTES:
                        self.tail = (position, buffer)
                        self._files.keep_tail(self)
                    return buffer
            except OSError as error:
                if error.errno not in (errno.EAGAIN, errno.EOPNOTSUPP, errno.EINVAL):
                    raise
        return self._files.loaded(self, position, size)

    def load(self, position: int, size: int) -> None:
        self._files.keep_loaded(self, position, self.read(position, size))

    def truncate(self, size: int) -> None:
        self._files.drop_loaded(self)
        self.tail, self._end = None, -1
        os.ftruncate(self._descriptor if self._descriptor >= 0 else self._open(), size)

    def sync(self) -> None:
        descriptor, is_own = self._pin()
        try:
            self._files.platform.sync(descriptor)
        finally:
            self._unpin(descriptor, is_own)

    def size(self) -> int:
        return os.stat(self.path).st_size

    def close(self) -> None:
        with self._files.guard:
            if self._descriptor >= 0 and self.try_close():
                self._files.forget(self)

    def try_close(self) -> bool:
        """Close unless a thread is using the descriptor. The files' guard is held."""
        if self._pins:
            return False
        descriptor, self._descriptor = self._descriptor, -1
        os.close(descriptor)
        return True

    def rename(self, path: str) -> None:
        with self._files.naming:
            self._files.note_renamed(self, path)
            os.replace(self.path, path)
            self.path = path

    def _open(self) -> int:
        self._files.make_room()
        descriptor = self._open_path()
        with self._files.guard:
            self._descriptor = descriptor
            self._files.remember(self)
        return descriptor

    def _pin(self) -> tuple[int, bool]:
        """Borrow the descriptor for a thread that is not the owner; open one where there is none.

        Return it, and whether it is the borrower's own.
        """
        with self._files.guard:
            if self._descriptor >= 0:
                self._pins += 1
                return self._descriptor, False
        return self._open_path(), True

    def _open_path(self) -> int:
        """Open the file under the name that it has, even if it is being renamed meanwhile."""
        while True:
            path = self.path
            try:
                descriptor = os.open(path, _OPEN_FLAGS)
            except FileNotFoundError:
                with self._files.naming:  # No rename is under way now.
                    descriptor, path = os.open(self.path, _OPEN_FLAGS), self.path
            if self.path == path and not self.is_replaced:
                return descriptor
            os.close(descriptor)  # Another file may have got that name.
            if self.is_replaced:
                raise FileNotFoundError(errno.ENOENT, "replaced by another file", path)

    def _unpin(self, descriptor: int, is_own: bool) -> None:
        if is_own:
            os.close(descriptor)
            return
        with self._files.guard:
            self._pins -= 1


class OsFiles:
    """The file system, through at most `open_limit` descriptors for logs."""

    def __init__(
        self, open_limit: int = 1000, hide_platform_calls: Iterable[str] | None = None
    ) -> None:
        if hide_platform_calls is None:
            hide_platform_calls = hidden_by_environment()
        self.platform = Platform(hide_platform_calls)
        self.guard = threading.RLock()
        self.naming = threading.Lock()
        """Held while an open file is renamed."""
        self._renamed: WeakValueDictionary[str, OsFile] = WeakValueDictionary()
        """Files by the names that they were given."""
        self._seeking = threading.Lock()
        self._open_limit = open_limit
        self._open_files: OrderedDict[int, OsFile] = OrderedDict()
        self._tails: deque[OsFile] = deque()
        self._loaded: deque[tuple[OsFile, int, bytes]] = deque()
        self._loaded_bytes = 0
        self._filesystems: dict[str, int] = {}

    def open(self, path: str, *, create: bool = False) -> OsFile:
        if create:
            os.close(os.open(path, _OPEN_FLAGS | os.O_CREAT, 0o644))
        return OsFile(self, path)

    def read_file(self, path: str) -> bytes | None:
        try:
            with open(path, "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def write_file(self, path: str, content: bytes, *, sync: bool) -> None:
        with open(path, "wb", buffering=0) as file:
            rest = memoryview(content)
            while rest:
                rest = rest[file.write(rest) :]
            if sync:
                os.fsync(file.fileno())

    def copy(self, source: str, target: str, position: int, size: int) -> None:
        descriptor = os.open(target, _OPEN_FLAGS | os.O_CREAT, 0o644)
        with open(source, "rb", buffering=0) as old, open(descriptor, "r+b", buffering=0) as new:
            old.seek(position)
            new.seek(position)
            while size > 0:
                part = old.read(min(size, _COPIED_BYTES))
                if not part:
                    raise OSError(errno.EIO, "shorter than it was", source)
                size -= len(part)
                rest = memoryview(part)
                while rest:
                    rest = rest[new.write(rest) :]

    def sync_directory(self, path: str) -> None:
        if not self.platform.syncs_directories:
            return
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def sync_filesystem(self, path: str) -> bool:
        if self.platform.syncfs is None:
            return False
        with self.guard:
            # Kept open: the kernel reports write-back errors since the descriptor was opened.
            descriptor = self._filesystems.get(path)
            if descriptor is None:
                descriptor = self._filesystems[path] = os.open(path, os.O_RDONLY)
        self.platform.syncfs(descriptor)
        return True

    def rename(self, old: str, new: str) -> None:
        os.replace(old, new)

    def unlink(self, path: str) -> None:
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass

    def mkdir(self, path: str) -> None:
        os.makedirs(path, exist_ok=True)

    def listdir(self, path: str) -> list[str]:
        return sorted(os.listdir(path))

    def exists(self, path: str) -> bool:
        return os.path.exists(path)

    def is_directory(self, path: str) -> bool:
        return os.path.isdir(path)

    def size(self, path: str) -> int:
        return os.stat(path).st_size

    def space(self, path: str) -> tuple[int, int]:
        import shutil

        usage = shutil.disk_usage(path)
        return usage.total, usage.free

    def rmtree(self, path: str) -> None:
        import shutil  # slow to import, and seldom needed

        try:
            shutil.rmtree(path)
        except FileNotFoundError:
            pass

    def lock(self, path: str) -> "OsLock":
        return OsLock(path, with_fcntl=self.platform.locks)

    def close(self) -> None:
        with self.guard:
            for file in list(self._open_files.values()):
                file.close()
            for descriptor in self._filesystems.values():
                os.close(descriptor)
            self._filesystems.clear()

    # What OsFile asks of its files.

    def remember(self, file: OsFile) -> None:
        """Count an open descriptor. The guard is held."""
        self._open_files[id(file)] = file

    def forget(self, file: OsFile) -> None:
        self._open_files.pop(id(file), None)

    def note_renamed(self, file: OsFile, path: str) -> None:
        """Have nobody take what is at `path` soon for the file that was. `naming` is held."""
        before = self._renamed.get(path)
        if before is not None and before is not file and before.path == path:
            before.is_replaced = True
        self._renamed[path] = file

    def make_room(self) -> None:
        """Take descriptors back, of files not used since we last came by, until one more fits.

        Only the owner comes here, so that no descriptor goes while the owner uses it.
        """
        if len(self._open_files) < self._open_limit:
            return
        with self.guard:
            for _ in range(2 * len(self._open_files)):
                if len(self._open_files) < self._open_limit:
                    return
                key, file = self._open_files.popitem(last=False)
                if file.recently_used or not file.try_close():
                    file.recently_used = False
                    self._open_files[key] = file

    def loaded(self, file: OsFile, position: int, size: int) -> bytes | None:
        """Return bytes that were loaded for us, where the page cache cannot be asked."""
        for kept_file, kept_position, content in self._loaded:
            skip = position - kept_position
            if kept_file is file and skip >= 0 and skip + size <= len(content):
                return content[skip : skip + size]
        return None

    def keep_tail(self, file: OsFile) -> None:
        """Have a file keep its tail for the next who reads it, until the tails are too many.

        All who wait at the end of a log read the same when they are woken. Owner only.
        """
        self._tails.append(file)
        if len(self._tails) > _TAILS_LIMIT:
            oldest = self._tails.popleft()
            if oldest is not file and oldest not in self._tails:
                oldest.tail = None

    def keep_loaded(self, file: OsFile, position: int, content: bytes) -> None:
        """Keep what a thread loaded until other loads push it out."""
        with self.guard:
            kept = deque(self._loaded)
            kept.append((file, position, content))
            self._loaded_bytes += len(content)
            while self._loaded_bytes > _LOADED_LIMIT_BYTES and len(kept) > 1:
                self._loaded_bytes -= len(kept.popleft()[2])
            self._loaded = kept

    def drop_loaded(self, file: OsFile) -> None:
        """Forget what was loaded of a file that is being cut."""
        with self.guard:
            self._loaded = deque(entry for entry in self._loaded if entry[0] is not file)
            self._loaded_bytes = sum(len(entry[2]) for entry in self._loaded)

    def write_seeking(self, descriptor: int, position: int, content: Buffer) -> None:
        with self._seeking, memoryview(content) as view:
            os.lseek(descriptor, position, os.SEEK_SET)
            written = 0
            while written < len(view):
                written += os.write(descriptor, view[written:])

    def read_seeking(self, descriptor: int, size: int, position: int) -> bytes:
        with self._seeking:
            os.lseek(descriptor, position, os.SEEK_SET)
            return os.read(descriptor, size)


def _pieces(contents: list[Buffer]) -> Iterator[Buffer]:
    """Join what is small, so that each piece is worth a call."""
    piece = bytearray()
    for content in contents:
        piece += content
        if len(piece) >= _COPIED_BYTES:
            yield piece
            piece = bytearray()
    if piece:
        yield piece


def _portable_sync(descriptor: int) -> None:
    """Flush to the medium: on macOS, fsync alone leaves the drive's cache unwritten."""
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fsync(descriptor)


def _find_syncfs() -> Callable[[int], None] | None:
    """Return glibc's or musl's syncfs where it exists and reports write-back errors."""
    if sys.platform != "linux":
        return None
    import ctypes

    try:
        release = tuple(int(part) for part in os.uname().release.split("-")[0].split(".")[:2])
        call = ctypes.CDLL(None, use_errno=True).syncfs
    except (ValueError, OSError, AttributeError):
        return None
    if release < _SYNCFS_REPORTS_ERRORS_SINCE:
        return None

    def syncfs(descriptor: int) -> None:
        if call(descriptor) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))

    return syncfs
