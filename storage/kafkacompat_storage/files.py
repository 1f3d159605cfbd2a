"""The dozen file operations the store uses, as an interface.

`os_files.py` does them with the operating system, `memory_files.py` in a dict; the tests have one
that loses what was not synced. Paths are strings with `/`. Every operation may raise OSError.

Two kinds of thread call these. The *owner* is the one thread that appends and reads (the event
loop's); *any thread* may load, read and sync. What only the owner may call says so.
"""

from typing import Protocol

Buffer = bytes | bytearray | memoryview


class File(Protocol):
    """One file, opened lazily and again whenever its descriptor was needed elsewhere."""

    path: str

    def write(self, position: int, content: Buffer) -> None:
        """Write all of `content` at `position`. Owner only.

        Where it raises, any part of it may have been written.
        """

    def write_several(self, position: int, contents: list[Buffer]) -> None:
        """Write one after the other, in as few calls as can be. Owner only.

        Where it raises, any part may have been written.
        """

    def write_behind(self, position: int, contents: list[Buffer]) -> None:
        """Write as `write_several`, in any thread, while the owner reads what lies before.

        Until it returns the owner must neither write nor cut.
        """

    def read(self, position: int, size: int) -> bytes:
        """Read up to `size` bytes, fewer only at the end of the file. May block."""

    def read_nowait(self, position: int, size: int) -> Buffer | None:
        """Read exactly `size` bytes if that needs no waiting, else return None. Owner only."""

    def load(self, position: int, size: int) -> None:
        """Make the next `read_nowait` of the same bytes succeed. May block."""

    def truncate(self, size: int) -> None:
        """Cut the file. Owner only."""

    def rename(self, path: str) -> None:
        """Give the file another name in its folder, while others go on reading it. Any thread."""

    def sync(self) -> None:
        """Make what was written so far (not the file's name) durable. May block."""

    def size(self) -> int:
        """Size in bytes as the file system knows it."""

    def close(self) -> None:
        """Give the descriptor back; the file can still be used."""


class Lock(Protocol):
    """A held lock."""

    def release(self) -> None: ...


class Files(Protocol):
    """A place that keeps files."""

    def open(self, path: str, *, create: bool = False) -> File:
        """Return a handle; with `create` the file exists afterwards (its name is not synced)."""

    def read_file(self, path: str) -> bytes | None:
        """Return a small file's whole content, None if there is no such file."""

    def write_file(self, path: str, content: bytes, *, sync: bool) -> None:
        """Create or overwrite a small file (not atomically: see checkpoint.py)."""

    def copy(self, source: str, target: str, position: int, size: int) -> None:
        """Copy bytes of a file to the same place in another, made if need be. Any thread; blocks.

        Errors: OSError, also where the file has not got so many.
        """

    def sync_directory(self, path: str) -> None:
        """Make the names in a folder durable. May block."""

    def sync_filesystem(self, path: str) -> bool:
        """Make everything written so far durable in one go; False if that cannot be done here."""

    def rename(self, old: str, new: str) -> None:
        """Give a file or folder another name, replacing a file that had it."""

    def unlink(self, path: str) -> None:
        """Remove a file; one that does not exist is fine."""

    def mkdir(self, path: str) -> None:
        """Create a folder and those above it; one that exists is fine."""

    def listdir(self, path: str) -> list[str]:
        """Return the names in a folder, sorted."""

    def exists(self, path: str) -> bool: ...

    def is_directory(self, path: str) -> bool: ...

    def size(self, path: str) -> int:
        """Size of a file in bytes."""

    def space(self, path: str) -> tuple[int, int]:
        """Return the size in bytes of what a folder is on, and what of it can be used.

        -1 and -1 where there is no saying.
        """

    def rmtree(self, path: str) -> None:
        """Remove a folder and what is in it; one that does not exist is fine."""

    def lock(self, path: str) -> Lock:
        """Lock a file against other processes and other holders in this one.

        Raises BlockingIOError where somebody holds it.
        """

    def close(self) -> None:
        """Give all descriptors back."""
