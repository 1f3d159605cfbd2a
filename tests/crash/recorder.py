"""Files that remember what was done to them, as a disk would see it, and from which line.

A file's content belongs to an inode, and a folder is an inode whose content are names: a folder
that is renamed keeps what is in it. Removing a tree is one operation for each thing in it.
"""

import sys
from pathlib import Path
from types import FrameType
from typing import Final, NamedTuple

from kafkacompat_storage.files import Buffer
from kafkacompat_storage.memory_files import MemoryFile, MemoryFiles

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES: Final = (str(ROOT / "storage" / "kafkacompat_storage"), str(ROOT / "kafkacompat"))
TOP: Final = ""
"""The folder above all."""


class Site(NamedTuple):
    """A line of the sources that does something to files."""

    module: str
    line: int
    operation: str


class Operation(NamedTuple):
    """One change. `kind` says which of the other fields count.

    write: inode, position, content. truncate: inode, position (the new size). sync: inode.
    link: folder, name, inode, is_folder. unlink: folder, name. rename: folder, name, new_name.
    sync_names: folder. sync_all.
    """

    kind: str
    inode: int = -1
    position: int = 0
    content: bytes = b""
    folder: int = -1
    name: str = ""
    new_name: str = ""
    is_folder: bool = False


class RecordedFile(MemoryFile):
    """A file whose changes are noted."""

    _files: "RecordingFiles"

    def write(self, position: int, content: Buffer) -> None:
        self._files.note_write(self.path, position, bytes(content), "write")
        super().write(position, content)

    def write_several(self, position: int, contents: list[Buffer]) -> None:
        whole = b"".join(contents)
        self._files.note_write(self.path, position, whole, "write_several")
        super().write(position, whole)

    def truncate(self, size: int) -> None:
        self._files.note_truncate(self.path, size)
        super().truncate(size)

    def sync(self) -> None:
        self._files.note("sync", Operation("sync", self._files.inode_of(self.path)))


class RecordingFiles(MemoryFiles):
    """Notes operations in `operations`, and where they came from in `sites`."""

    def __init__(
        self, contents: dict[str, bytes] | None = None, folders: set[str] | None = None
    ) -> None:
        super().__init__(
            {path: bytearray(kept) for path, kept in (contents or {}).items()},
            set(folders or {"/d"}),
        )
        self.has_syncfs = True
        self.operations: list[Operation] = []
        self.sites: set[Site] = set()
        self._numbers: dict[int, tuple[bytearray, int]] = {}
        self._folder_numbers: dict[str, int] = {TOP: 0}
        self._next = 1
        for path in sorted(self.folders, key=len):
            self._link(path, is_folder=True)
        for path in sorted(self.contents):
            inode = self._link(path)
            self._add(Operation("write", inode, 0, bytes(self.contents[path])))
        self._add(Operation("sync_all"))
        self.began = len(self.operations)
        """Operations that made what was there at first."""

    # --- noting

    def note(self, called: str, operation: Operation) -> None:
        """Note an operation, and the nearest line of the sources that it came from."""
        self._note_site(called)
        self._add(operation)

    def _add(self, operation: Operation) -> None:
        self.operations.append(operation)

    def _note_site(self, called: str) -> None:
        frame: FrameType | None = sys._getframe(2)
        while frame is not None:
            path = frame.f_code.co_filename
            if path.startswith(PACKAGES) and not path.endswith("memory_files.py"):
                self.sites.add(Site(str(Path(path).relative_to(ROOT)), frame.f_lineno, called))
                return
            frame = frame.f_back

    def inode_of(self, path: str) -> int:
        """Return the number of a file's inode."""
        return self._numbers[id(self.content(path))][1]

    def _link(self, path: str, *, is_folder: bool = False) -> int:
        number, self._next = self._next, self._next + 1
        if is_folder:
            self._folder_numbers[path] = number
        else:
            kept = self.contents[path]
            self._numbers[id(kept)] = (kept, number)
        folder, name = self._place(path)
        self._add(Operation("link", number, folder=folder, name=name, is_folder=is_folder))
        return number

    def _place(self, path: str) -> tuple[int, str]:
        parent, _, name = path.rpartition("/")
        return self._folder_numbers[parent], name

    def note_write(self, path: str, position: int, content: bytes, called: str) -> None:
        if content:
            self.note(called, Operation("write", self.inode_of(path), position, content))
        else:
            self._note_site(called)

    def note_truncate(self, path: str, size: int) -> None:
        operation = Operation("truncate", self.inode_of(path), size)
        if len(self.content(path)) != size:
            self.note("truncate", operation)
        else:
            self._note_site("truncate")

    # --- operations

    def open(self, path: str, *, create: bool = False) -> MemoryFile:
        if create:
            self._note_site("open")
            self._create(path)
        return RecordedFile(self, path)

    def _create(self, path: str) -> None:
        if path not in self.contents:
            super().open(path, create=True)
            self._link(path)

    def write_file(self, path: str, content: bytes, *, sync: bool) -> None:
        self._note_site("write_file")
        self._create(path)
        file = RecordedFile(self, path)
        file.truncate(0)
        file.write(0, content)
        if sync:
            file.sync()

    def copy(self, source: str, target: str, position: int, size: int) -> None:
        self._note_site("copy")
        content = RecordedFile(self, source).read(position, size)
        self._create(target)
        RecordedFile(self, target).write(position, content)

    def sync_directory(self, path: str) -> None:
        folder = self._folder_numbers[path if path != "/" else TOP]
        self.note("sync_directory", Operation("sync_names", folder=folder))

    def sync_filesystem(self, path: str) -> bool:
        if self.has_syncfs:
            self.note("sync_filesystem", Operation("sync_all"))
        return self.has_syncfs

    def rename(self, old: str, new: str) -> None:
        folder, name = self._place(old)
        new_folder, new_name = self._place(new)
        assert folder == new_folder, "what a crash leaves of this is not modelled"
        super().rename(old, new)
        if new in self.folders:
            below = old + "/"
            for path in [p for p in self._folder_numbers if p == old or p.startswith(below)]:
                number = self._folder_numbers.pop(path)
                self._folder_numbers[new + path[len(old) :]] = number
        self.note("rename", Operation("rename", folder=folder, name=name, new_name=new_name))

    def unlink(self, path: str) -> None:
        self._note_site("unlink")
        self._unlink(path)

    def _unlink(self, path: str) -> None:
        if path in self.contents:
            folder, name = self._place(path)
            self._add(Operation("unlink", folder=folder, name=name))
            super().unlink(path)

    def mkdir(self, path: str) -> None:
        self._note_site("mkdir")
        missing = []
        while path and path not in self.folders:
            missing.append(path)
            path = path.rpartition("/")[0]
        for made in reversed(missing):
            self.folders.add(made)
            self._link(made, is_folder=True)

    def rmtree(self, path: str) -> None:
        self._note_site("rmtree")
        if path not in self.folders:
            return
        for name in self.listdir(path):
            below = f"{path}/{name}"
            if below in self.folders:
                self.rmtree(below)
            else:
                self._unlink(below)
        folder, name = self._place(path)
        self._add(Operation("unlink", folder=folder, name=name))
        self.folders.discard(path)
        del self._folder_numbers[path]
