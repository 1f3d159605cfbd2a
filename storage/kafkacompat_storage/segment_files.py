"""Where the files of a segment are, and what they are called."""

from . import names
from .files import File, Files
from .index_files import IndexFiles
from .txn_index import AbortedTransaction, decode_txn_index, is_sound


class SegmentFiles:
    """A .log and its index files in a folder; `_ending` follows their names, such as `.swap`."""

    __slots__ = ("_ending", "_files", "_folder", "_index_files", "base_offset", "file")

    def __init__(self, files: Files, folder: str, base_offset: int, ending: str) -> None:
        self._files = files
        self._folder = folder
        self._ending = ending
        self.base_offset = base_offset
        self.file: File = files.open(self._log_path)
        self._index_files = IndexFiles(files, folder, base_offset, ending)

    def create(self) -> None:
        """Make the empty .log file."""
        self.file = self._files.open(self._log_path, create=True)

    def paths(self) -> list[str]:
        """Return the files this segment may have."""
        return [self.file.path, *self._index_files.paths()]

    def read_aborted(self, end: int) -> list[AbortedTransaction]:
        """Return what the index of aborted transactions has before offset `end`. May block."""
        content, checksum = map(self._files.read_file, self._index_files.paths()[2:])
        if is_sound(content, checksum):
            return decode_txn_index(content or b"", self.base_offset, end)
        from .aborted import find_aborted_again

        return find_aborted_again(self._files, self._folder, self.base_offset)

    def rename(self, ending: str) -> None:
        """Have another ending after the names of the files. May block; any thread. Errors: OSError.

        Who reads meanwhile goes on reading the same file. Recovery relies on the order: while a
        `.log` has its name, what lies beside it is its own.
        """
        is_first = not ending.endswith(names.DELETED)
        if not is_first:
            self._index_files.rename(ending)
        self.file.rename(self._log_path.removesuffix(self._ending) + ending)
        if is_first:
            self._index_files.rename(ending)
        self._ending = ending

    def _go_to(self, folder: str) -> None:
        """Go on in another folder. Who is reading in another thread finds the file gone."""
        self.file.close()
        self._folder = folder
        self.file = self._files.open(self._log_path)
        self._index_files = IndexFiles(self._files, folder, self.base_offset)

    @property
    def _log_path(self) -> str:
        return f"{self._folder}/{names.offset_file(self.base_offset, names.LOG)}{self._ending}"
