"""A segment that lives in memory: a list of immutable batches and where each ends."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from kafkacompat_protocol.records.batch import BatchHeader, read_header

from .files import Buffer, File
from .scan import StoredBatch
from .segments import Chunk, Need
from .txn_index import AbortedTransaction


class MemorySegment:
    """Batches in memory. Positions count bytes, as if they lay in a file."""

    __slots__ = (
        "aborted",
        "base_offset",
        "batches",
        "created_ms",
        "ends",
        "first_timestamp",
        "last_offsets",
        "max_timestamps",
        "next_offset",
        "size",
    )

    def __init__(self, base_offset: int, created_ms: int) -> None:
        self.base_offset = base_offset
        self.next_offset = base_offset
        self.created_ms = created_ms
        self.size = 0
        self.first_timestamp = -1
        self.aborted: list[AbortedTransaction] = []
        self.batches: list[bytes] = []
        self.ends: list[int] = []
        self.last_offsets: list[int] = []
        self.max_timestamps: list[int] = []

    def copy(self) -> "MemorySegment":
        """Return another one with the same batches, which do not change any more."""
        made = MemorySegment(self.base_offset, self.created_ms)
        made.next_offset, made.size = self.next_offset, self.size
        made.first_timestamp = self.first_timestamp
        made.aborted, made.batches = list(self.aborted), list(self.batches)
        made.ends, made.last_offsets = list(self.ends), list(self.last_offsets)
        made.max_timestamps = list(self.max_timestamps)
        return made

    @property
    def unwritten(self) -> int:
        """Bytes that are not where they are read from: none."""
        return 0

    @property
    def syncable(self) -> list[File]:
        """Return the files to sync: none."""
        return []

    @property
    def max_timestamp(self) -> int:
        """Highest timestamp of any batch, -1 if none has one."""
        return self.max_timestamps[-1] if self.max_timestamps else -1

    def find_latest_timestamp(self) -> int:
        return self.max_timestamp

    def stage(self, content: Buffer, last_offset: int, max_timestamp: int) -> None:
        """Keep a copy of one whole batch, whose offsets are already in it."""
        if not self.batches:
            self.first_timestamp = max_timestamp
        self.max_timestamps.append(max(max_timestamp, self.max_timestamp))
        self.batches.append(bytes(content))
        self.size += len(content)
        self.ends.append(self.size)
        self.last_offsets.append(last_offset)
        self.next_offset = last_offset + 1

    def stage_several(self, content: memoryview, batches: list[BatchHeader]) -> None:
        """Append whole batches one after the other."""
        at = 0
        for header in batches:
            self.stage(content[at : at + header.size], header.last_offset, header.max_timestamp)
            at += header.size

    def write_staged(self) -> None:
        """Nothing to do: what was staged is kept already."""

    def hold_staged(self) -> int:
        return 0

    def held(self) -> list[Buffer]:
        return []

    def wrote(self, count: int) -> None:
        """Nothing to do: nothing is ever held."""

    def drop_staged(self) -> None:
        """Nothing to do: what was staged is kept already."""

    def undo(self, position: int) -> None:
        """Nothing to do: an append in memory does not fail half-way."""

    def locate(self, offset: int) -> int:
        """Return the position of the first batch that reaches `offset`."""
        return self._position(bisect_left(self.last_offsets, offset))

    def locate_timestamp(self, timestamp: int) -> int:
        """Return the position of the first batch with a timestamp at or above."""
        return self._position(bisect_left(self.max_timestamps, timestamp))

    def read(self, position: int, max_bytes: int, end: int, at_least_one: bool) -> Chunk:
        """Return whole batches from `position` on: up to `max_bytes`, not beyond `end`."""
        first = bisect_right(self.ends, position)
        after = bisect_right(self.ends, min(position + max_bytes, end))
        if after <= first:
            if not at_least_one or first == len(self.ends) or self.ends[first] > end:
                return Chunk([], 0, -1)
            after = first + 1
        size = self.ends[after - 1] - position
        return Chunk(list(self.batches[first:after]), size, self.last_offsets[after - 1] + 1)

    def load(self, need: Need) -> None:
        """Nothing to do: reading never waits."""

    def scan(self, position: int = 0, *, verify: bool = False) -> Iterator[StoredBatch]:
        """Yield the batches from `position` on."""
        for number in range(bisect_right(self.ends, position), len(self.batches)):
            content = self.batches[number]
            yield StoredBatch(self._position(number), read_header(content), content)

    def forget(self, position: int, next_offset: int) -> None:
        """Cut the batches from `position` on; the segment then ends at `next_offset`."""
        kept = bisect_right(self.ends, position)
        for column in (self.batches, self.ends, self.last_offsets, self.max_timestamps):
            del column[kept:]
        self.size = position
        self.next_offset = next_offset
        self.aborted = [entry for entry in self.aborted if entry.last_offset < next_offset]

    def indexes_full(self, limit_bytes: int) -> bool:
        """Whether an index has reached its limit: there is none."""
        return False

    def seal(self) -> None:
        """Note that nothing more will be appended."""

    def write_indexes(self) -> None:
        """Nothing to do: there is no file."""

    def forget_indexes(self) -> None:
        """Nothing to do: there are none."""

    def close(self) -> None:
        """Nothing to do: there is no descriptor."""

    def paths(self) -> list[str]:
        """Return the files of this segment: none."""
        return []

    def relocate(self, folder: str) -> None:
        """Nothing to do: memory is everywhere the same."""

    def _position(self, number: int) -> int:
        return self.ends[number - 1] if number else 0
