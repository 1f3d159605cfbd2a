"""Files that lose what was not synced, fail when told to, and die at a chosen operation.

What is written is volatile until its file is synced; a name (of a new, renamed or removed file or
folder) is volatile until its folder is synced. `survivors` says what a crash leaves.
"""

import threading
from collections.abc import Callable
from typing import Literal

from kafkacompat_storage.files import Buffer
from kafkacompat_storage.memory_files import MemoryFile, MemoryFiles

Loss = Literal["power", "torn", "kill"]
"""power: what was not synced is gone. torn: half of it is. kill: only the process died."""


class Crash(BaseException):
    """The machine stopped at this operation."""


class FaultyFile(MemoryFile):
    """A file whose every change is one operation of its files."""

    _files: "FaultyFiles"

    def write(self, position: int, content: Buffer) -> None:
        try:
            self._files.step("write", self.path)
        except (Crash, OSError):
            super().write(position, bytes(content)[: len(content) // 2])
            raise
        super().write(position, content)

    def write_behind(self, position: int, contents: list[Buffer]) -> None:
        if self._files.write_gate is not None:
            assert self._files.write_gate.wait(10)
        self.write_several(position, contents)

    def truncate(self, size: int) -> None:
        self._files.step("truncate", self.path)
        super().truncate(size)

    def sync(self) -> None:
        self._files.wait_for_gate()
        self._files.step("sync", self.path)
        self._files.sync_content(self.path)


class FaultyFiles(MemoryFiles):
    """Counts operations. `crash_at` is the number of the one that the machine dies at.

    `fault` may return an error for an operation and a path; `gate`, if set, holds syncs up until
    it opens, `write_gate` what a thread writes; without `has_syncfs` there is no syncing of
    everything at once.
    """

    def __init__(
        self,
        survivors: tuple[dict[str, bytes], set[str]] | None = None,
        *,
        crash_at: int = -1,
        has_syncfs: bool = True,
    ) -> None:
        contents, folders = survivors or ({}, {"/d"})
        super().__init__({path: bytearray(kept) for path, kept in contents.items()}, set(folders))
        self.crash_at = crash_at
        self.has_syncfs = has_syncfs
        self.operations = 0
        self.dead = False
        self.fault: Callable[[str, str], OSError | None] = lambda operation, path: None
        self.gate: threading.Event | None = None
        self.write_gate: threading.Event | None = None
        self._synced = {id(kept): (kept, bytes(kept)) for kept in self.contents.values()}
        self._durable_names = dict(self.contents)
        self._durable_folders = set(self.folders)
        self._moved_folders: list[tuple[str, str]] = []
        self._naming = threading.Lock()

    def survivors(self, loss: Loss) -> tuple[dict[str, bytes], set[str]]:
        """Return the files and folders that are left."""
        if loss == "kill":
            return {path: bytes(kept) for path, kept in self.contents.items()}, set(self.folders)
        left = {}
        for path, kept in self._durable_names.items():
            if _parent(path) not in self._durable_folders:
                continue
            synced = self._synced.get(id(kept), (kept, b""))[1]
            if loss == "torn" and len(kept) > len(synced) and kept.startswith(synced):
                synced = bytes(kept[: (len(kept) + len(synced)) // 2])
            left[path] = synced
        return left, set(self._durable_folders)

    def step(self, operation: str, path: str) -> None:
        """Count an operation that is about to happen; it may fail or be the last."""
        if self.dead:
            raise Crash
        error = self.fault(operation, path)
        if error is not None:
            raise error
        self.operations += 1
        if self.operations == self.crash_at:
            self.dead = True
            raise Crash

    def wait_for_gate(self) -> None:
        if self.gate is not None:
            assert self.gate.wait(10)

    def sync_content(self, path: str) -> None:
        kept = self.content(path)
        self._synced[id(kept)] = (kept, bytes(kept))

    def open(self, path: str, *, create: bool = False) -> MemoryFile:
        if create and path not in self.contents:
            self.step("create", path)
            super().open(path, create=True)
        return FaultyFile(self, path)

    def write_file(self, path: str, content: bytes, *, sync: bool) -> None:
        super().write_file(path, content, sync=sync)
        if sync:
            self.open(path).sync()

    def sync_directory(self, path: str) -> None:
        self.wait_for_gate()
        self.step("sync_directory", path)
        self._sync_names(path)

    def sync_filesystem(self, path: str) -> bool:
        if not self.has_syncfs:
            return False
        self.wait_for_gate()
        self.step("sync_filesystem", path)
        self._durable_names = dict(self.contents)
        self._durable_folders = set(self.folders)
        self._moved_folders.clear()
        for name in self.contents:
            self.sync_content(name)
        return True

    def rename(self, old: str, new: str) -> None:
        self.step("rename", new)
        if old in self.folders:
            self._moved_folders.append((old, new))
        super().rename(old, new)

    def unlink(self, path: str) -> None:
        self.step("unlink", path)
        super().unlink(path)

    def mkdir(self, path: str) -> None:
        if path not in self.folders:
            self.step("mkdir", path)
            super().mkdir(path)

    def rmtree(self, path: str) -> None:
        self.step("rmtree", path)
        super().rmtree(path)

    def _sync_names(self, folder: str) -> None:
        with self._naming:
            self._make_names_durable(folder)

    def _make_names_durable(self, folder: str) -> None:
        for old, new in [move for move in self._moved_folders if _parent(move[1]) == folder]:
            self._move_durable(old, new)
        names = self._durable_names
        for path in [path for path in names if _parent(path) == folder]:
            if self.contents.get(path) is not names[path]:
                del names[path]
        names |= {p: kept for p, kept in self.contents.items() if _parent(p) == folder}
        gone = {p for p in self._durable_folders if _parent(p) == folder and p not in self.folders}
        for path in gone:
            self._drop_durable(path)
        self._durable_folders |= {p for p in self.folders if _parent(p) == folder}

    def _move_durable(self, old: str, new: str) -> None:
        self._moved_folders.remove((old, new))

        def moved(path: str) -> str:
            return new + path[len(old) :] if path == old or path.startswith(old + "/") else path

        self._durable_names = {moved(p): kept for p, kept in self._durable_names.items()}
        self._durable_folders = {moved(p) for p in self._durable_folders}

    def _drop_durable(self, path: str) -> None:
        below = path + "/"
        names = self._durable_names
        self._durable_names = {p: kept for p, kept in names.items() if not p.startswith(below)}
        self._durable_folders = {
            p for p in self._durable_folders if p != path and not p.startswith(below)
        }


def _parent(path: str) -> str:
    return path.rpartition("/")[0]
