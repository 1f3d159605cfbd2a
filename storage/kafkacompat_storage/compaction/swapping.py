"""Put a compacted segment in the place of those it was made of; a crash at any moment is fine.

    prepare     .cleaned -> .swap, all of them, then the folder is synced; what is old still counts
    take_place  the log reads from the new segment; nothing happens on the disk
    finish      old files -> .deleted, synced; then .swap is taken off, the .log's first

A start finishes what it finds as `.swap`, if there is no `.cleaned` left of it: recovery.py.
"""

from collections.abc import Sequence

from .. import names
from ..folder import FileFolder
from ..log import PartitionLog
from ..segment import FileSegment
from ..segments import Segment


class Swap:
    """One new segment of a log. `prepare`, `finish` and `give_up` are for any thread, and block."""

    def __init__(
        self, log: PartitionLog, old: Sequence[Segment], size: int, index_interval: int
    ) -> None:
        assert isinstance(log.folder, FileFolder)
        self._log = log
        self._folder: FileFolder = log.folder
        self._old = list(old)
        self._new = FileSegment(
            log.folder.files,
            log.folder.path,
            old[0].base_offset,
            created_ms=old[-1].created_ms,
            index_interval=index_interval,
            ending=names.CLEANED,
        )
        self._size = size
        self._next_offset = old[-1].next_offset

    def prepare(self) -> None:
        """Have the new files wait for the others to go. Errors: OSError."""
        self._new.rename(names.SWAP)
        self._folder.files.sync_directory(self._folder.path)
        self._new.open_sealed(self._next_offset)
        if self._new.size != self._size:
            raise OSError(f"{self._new.file.path} has another size than was written")

    def take_place(self) -> bool:
        """Have readers find the new segment; False if the old ones are not there. Owner only."""
        return self._log.replace_segments(self._old, self._new)

    def finish(self) -> None:
        """Give the files their names; the old ones are removed later. Errors: OSError."""
        self.finish_names()
        self._folder.discard_replaced(self._old, self._log.rules.file_delete_delay_ms)

    def finish_names(self) -> None:
        """Give the files their names. Errors: OSError."""
        self._folder.replaced += 1
        for segment in self._old:
            assert isinstance(segment, FileSegment)
            # A name of its own: who still reads it must not find what is replaced after it.
            segment.rename(f".{self._folder.replaced}{names.DELETED}")
        self._folder.files.sync_directory(self._folder.path)
        self._new.rename("")
        self._folder.files.sync_directory(self._folder.path)

    def give_up(self) -> None:
        """Remove what was prepared. Errors: OSError."""
        for path in self._new.paths():
            self._folder.files.unlink(path)
