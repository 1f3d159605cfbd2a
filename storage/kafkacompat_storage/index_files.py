"""The files that a segment's indexes are kept in, and how much of the indexes is in them."""

from collections.abc import Callable

from . import names
from .files import Files
from .offset_index import OffsetIndex
from .time_index import TimeIndex
from .txn_index import AbortedTransaction, encode_checksum, encode_txn_index

_SUFFIXES = (names.OFFSET_INDEX, names.TIME_INDEX, names.TXN_INDEX)
_ALL_SUFFIXES = (*_SUFFIXES, names.TXN_CHECKSUM)


class IndexFiles:
    """Three files beside a .log, of which any may be missing. They are never synced here.

    `covers` is the size of the log that they speak of, -1 where they may not be whole.
    """

    __slots__ = ("_ending", "_files", "_prefix", "_written", "covers")

    def __init__(self, files: Files, folder: str, base_offset: int, ending: str = "") -> None:
        self._ending = ending
        self._files = files
        self._prefix = f"{folder}/{names.offset_file(base_offset, '')}"
        self._written = [0, 0, 0]
        """Entries that each file has."""
        self.covers = -1

    def paths(self) -> list[str]:
        """Return the files there may be."""
        return [self._prefix + suffix + self._ending for suffix in _ALL_SUFFIXES]

    def rename(self, ending: str) -> None:
        """Have another ending after the usual names, such as `.deleted`. Any thread."""
        for old, suffix in zip(self.paths(), _ALL_SUFFIXES, strict=True):
            if self._files.exists(old):
                self._files.rename(old, self._prefix + suffix + ending)
        self._ending = ending

    def read(self) -> tuple[bytes | None, bytes | None]:
        """Return what is in the offset index and the time index."""
        index, times, *_ = self.paths()
        return self._files.read_file(index), self._files.read_file(times)

    def forget(self) -> None:
        """Have them written anew next time."""
        self._written = [0, 0, 0]
        self.covers = -1

    def drop(self) -> None:
        """Remove the offset index, so that it is made again."""
        self._files.unlink(self.paths()[0])

    def write(
        self, index: OffsetIndex, times: TimeIndex, aborted: list[AbortedTransaction], size: int
    ) -> None:
        """Write the entries that the files do not have yet, for a log of this size.

        Where it raises OSError the files are written anew next time.
        """
        self.covers = -1
        columns: tuple[tuple[int, Callable[[int], bytes]], ...] = (
            (len(index.entries), index.encode),
            (len(times.offsets), times.encode),
            (len(aborted), lambda first: encode_txn_index(aborted[first:])),
        )
        written, self._written = self._written, [0, 0, 0]
        for number, (count, encode) in enumerate(columns):
            done = written[number]
            content = encode(done)
            if _SUFFIXES[number] == names.TXN_INDEX and not count:
                self._drop_aborted()
                continue
            file = self._files.open(self.paths()[number], create=True)
            width = len(content) // (count - done) if content else 0
            if done == 0:
                file.truncate(0)
            if content:
                file.write(done * width, content)
            file.close()
            written[number] = count
        if aborted:
            checksum = encode_checksum(encode_txn_index(aborted))
            self._files.write_file(self.paths()[3], checksum, sync=False)
        self._written = written
        self.covers = size

    def _drop_aborted(self) -> None:
        """Remove what may be there of a log that was cut."""
        for path in self.paths()[2:]:
            self._files.unlink(path)
