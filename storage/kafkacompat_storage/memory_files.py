"""Files in a dict: the in-memory broker's few small files, and what the tests break."""

import errno
from dataclasses import dataclass, field

from .files import Buffer


class MemoryFile:
    """A bytearray under a name; reading never waits."""

    __slots__ = ("_files", "path")

    def __init__(self, files: "MemoryFiles", path: str) -> None:
        self._files = files
        self.path = path

    def write(self, position: int, content: Buffer) -> None:
        kept = self._files.content(self.path)
        if len(kept) < position:
            kept.extend(bytes(position - len(kept)))
        kept[position : position + len(content)] = content

    def write_several(self, position: int, contents: list[Buffer]) -> None:
        self.write(position, b"".join(contents))

    def write_behind(self, position: int, contents: list[Buffer]) -> None:
        self.write_several(position, contents)

    def read(self, position: int, size: int) -> bytes:
        return bytes(self._files.content(self.path)[position : position + size])

    def read_nowait(self, position: int, size: int) -> Buffer | None:
        found = self.read(position, size)
        return found if len(found) == size else None

    def load(self, position: int, size: int) -> None:
        """Nothing to do: reading never waits."""

    def truncate(self, size: int) -> None:
        kept = self._files.content(self.path)
        del kept[size:]
        kept.extend(bytes(size - len(kept)))

    def rename(self, path: str) -> None:
        self._files.rename(self.path, path)
        self.path = path

    def sync(self) -> None:
        """Nothing to do: there is nothing more durable."""

    def size(self) -> int:
        return len(self._files.content(self.path))

    def close(self) -> None:
        """Nothing to do: there is no descriptor."""


@dataclass(slots=True)
class MemoryLock:
    held: set[str]
    path: str

    def release(self) -> None:
        self.held.discard(self.path)


@dataclass(slots=True)
class MemoryFiles:
    """Every file's content by path; folders are names too."""

    contents: dict[str, bytearray] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)

    def content(self, path: str) -> bytearray:
        kept = self.contents.get(path)
        if kept is None:
            raise FileNotFoundError(errno.ENOENT, "no such file", path)
        return kept

    def open(self, path: str, *, create: bool = False) -> MemoryFile:
        if create and path not in self.contents:
            if _folder_of(path) not in self.folders:
                raise FileNotFoundError(errno.ENOENT, "no such folder", path)
            self.contents[path] = bytearray()
        return MemoryFile(self, path)

    def read_file(self, path: str) -> bytes | None:
        kept = self.contents.get(path)
        return None if kept is None else bytes(kept)

    def write_file(self, path: str, content: bytes, *, sync: bool) -> None:
        file = self.open(path, create=True)
        file.truncate(0)
        file.write(0, content)

    def copy(self, source: str, target: str, position: int, size: int) -> None:
        content = self.open(source).read(position, size)
        if len(content) < size:
            raise OSError(errno.EIO, "shorter than it was", source)
        self.open(target, create=True).write(position, content)

    def sync_directory(self, path: str) -> None:
        """Nothing to do: there is nothing more durable."""

    def sync_filesystem(self, path: str) -> bool:
        return True

    def rename(self, old: str, new: str) -> None:
        if old in self.contents:
            self.contents[new] = self.contents.pop(old)
            return
        if old not in self.folders:
            raise FileNotFoundError(errno.ENOENT, "no such file", old)
        if new in self.folders:
            raise FileExistsError(errno.EEXIST, "folder exists", new)
        self.folders = {_moved(path, old, new) for path in self.folders}
        self.contents = {_moved(path, old, new): kept for path, kept in self.contents.items()}

    def unlink(self, path: str) -> None:
        self.contents.pop(path, None)

    def mkdir(self, path: str) -> None:
        while path not in self.folders:
            self.folders.add(path)
            if not _folder_of(path):
                return
            path = _folder_of(path)

    def listdir(self, path: str) -> list[str]:
        if path not in self.folders:
            raise FileNotFoundError(errno.ENOENT, "no such folder", path)
        inside = [name for name in (*self.contents, *self.folders) if _folder_of(name) == path]
        return sorted(name[len(path) + 1 :] for name in inside if name != path)

    def exists(self, path: str) -> bool:
        return path in self.contents or path in self.folders

    def is_directory(self, path: str) -> bool:
        return path in self.folders

    def size(self, path: str) -> int:
        return len(self.content(path))

    def space(self, path: str) -> tuple[int, int]:
        return -1, -1

    def rmtree(self, path: str) -> None:
        below = path + "/"
        self.folders = {p for p in self.folders if p != path and not p.startswith(below)}
        self.contents = {p: kept for p, kept in self.contents.items() if not p.startswith(below)}

    def lock(self, path: str) -> MemoryLock:
        if path in self.held:
            raise BlockingIOError(errno.EAGAIN, "locked", path)
        self.open(path, create=True)
        self.held.add(path)
        return MemoryLock(self.held, path)

    def close(self) -> None:
        """Nothing to do: there are no descriptors."""


def _folder_of(path: str) -> str:
    return path.rpartition("/")[0]


def _moved(path: str, old: str, new: str) -> str:
    if path == old:
        return new
    return new + path[len(old) :] if path.startswith(old + "/") else path
