"""A log's segments in their order: one joins at the end, some leave, one takes the place of some.

Whoever is reading in another thread goes on with the list that it began with.
"""

from bisect import bisect_right
from collections.abc import Sequence

from .segments import Segment


class SegmentList:
    """The segments of one log, of which the last is appended to. Changed by the owner only."""

    __slots__ = ("all", "bases", "unsynced")

    def __init__(self, segments: list[Segment]) -> None:
        self.all = segments
        self.bases = [segment.base_offset for segment in segments]
        self.unsynced: list[Segment] = []
        """Sealed since the last commit."""

    @property
    def size_bytes(self) -> int:
        """Bytes of all batches."""
        return sum(segment.size for segment in self.all)

    def number_of(self, offset: int) -> int:
        """Return the number of the segment that has an offset, or would."""
        return max(0, bisect_right(self.bases, offset) - 1)

    def add(self, segment: Segment) -> None:
        """Have a new segment follow the last one, which is sealed."""
        self.unsynced.append(self.all[-1])
        self.all.append(segment)
        self.bases.append(segment.base_offset)

    def drop(self, count: int) -> list[Segment]:
        """Take the first `count` segments out, and return them."""
        gone = self.all[:count]
        self.all, self.bases = self.all[count:], self.bases[count:]
        self.drop_unsynced(gone)
        return gone

    def cut_after(self, segment: Segment) -> None:
        """Take out and close what follows a segment, all but the first where it is none of them."""
        while len(self.all) > 1 and self.all[-1] is not segment:
            self.all.pop().close()
            self.bases.pop()

    def replace(self, old: Sequence[Segment], new: Segment) -> bool:
        """Put a segment in the place of some that follow one another; return whether they do.

        The last segment of the log is never among them.
        """
        at = next((number for number, part in enumerate(self.all) if part is old[0]), -1)
        end = at + len(old)
        if (
            at < 0
            or end >= len(self.all)
            or any(mine is not theirs for mine, theirs in zip(self.all[at:end], old, strict=True))
        ):
            return False
        self.all = [*self.all[:at], new, *self.all[end:]]
        self.bases = [segment.base_offset for segment in self.all]
        self.drop_unsynced(old)
        return True

    def take_unsynced(self) -> list[Segment]:
        """Return what was sealed since the last time."""
        taken, self.unsynced = self.unsynced, []
        return taken

    def note_unsynced(self, offset: int) -> None:
        """Take the sealed segments that reach beyond an offset for unsynced."""
        self.unsynced += [part for part in self.all[:-1] if part.next_offset > offset]

    def drop_unsynced(self, done: Sequence[Segment]) -> None:
        """Take these for synced, with their indexes, or for gone."""
        left = set(map(id, done))
        self.unsynced = [segment for segment in self.unsynced if id(segment) not in left]

    def synced_to(self, offset: int) -> int:
        """Return the offset, or where the first unsynced segment begins if that is lower."""
        return min([offset, *(segment.base_offset for segment in self.unsynced)])
