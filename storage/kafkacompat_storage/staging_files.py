"""What was appended to a segment and is not in its file yet."""

from .files import Buffer, Files
from .segment_files import SegmentFiles


class StagingFiles(SegmentFiles):
    """The files of a segment of `size` bytes, the last of which may still have to be written.

    Staged are views into buffers that are used again soon. Held are copies of them, for a thread to
    write; nothing that is held is read.
    """

    __slots__ = ("_held", "_staged", "size", "unwritten")

    def __init__(self, files: Files, folder: str, base_offset: int, ending: str) -> None:
        super().__init__(files, folder, base_offset, ending)
        self.size = 0
        self.unwritten = 0
        """Bytes that are held."""
        self._staged: list[Buffer] = []
        self._held = 0

    @property
    def written(self) -> int:
        """Where that ends which a reader finds in the file."""
        return self.size - self.unwritten

    def write_staged(self) -> None:
        """Write what was staged, in one call.

        Where it raises OSError any part of it may be in the file: `undo` and `forget` it.
        """
        staged = self._staged
        if not staged:
            return
        self.file.write_several(self.size - sum(map(len, staged)), staged)
        self.drop_staged()

    def hold_staged(self) -> int:
        """Copy what was staged since the last time; return how many bytes."""
        staged = self._staged
        more = 0
        for number in range(self._held, len(staged)):
            staged[number] = content = bytes(staged[number])
            more += len(content)
        self._held = len(staged)
        self.unwritten += more
        return more

    def held(self) -> list[Buffer]:
        """Return what is held."""
        return self._staged[: self._held]

    def wrote(self, count: int) -> None:
        """Hold the first `count` no longer: a thread has written them."""
        self.unwritten -= sum(map(len, self._staged[:count]))
        self._held -= count
        del self._staged[:count]

    def undo(self, position: int) -> None:
        """Write none of what is staged, and cut what a failed write left from `position` on."""
        self.drop_staged()
        self.file.truncate(position)

    def drop_staged(self) -> None:
        """Nothing is to be written any more."""
        self._staged = []
        self._held = self.unwritten = 0
