"""Sparse index of a segment: highest timestamp so far -> last offset of the batch that has it.

One entry is 12 bytes, `timestamp int64, relative_offset uint32`, big-endian. No record before an
entry's offset has a higher timestamp than the entry.
"""

from array import array
from bisect import bisect_right
from struct import Struct
from typing import Final

ENTRY: Final = Struct(">qI")
ENTRY_SIZE: Final = 12
assert ENTRY.size == ENTRY_SIZE


class TimeIndex:
    """Index entries in memory; offsets are relative to the segment's base offset."""

    __slots__ = ("offsets", "timestamps")

    def __init__(self) -> None:
        self.timestamps: array[int] = array("q")
        self.offsets: array[int] = array("I")

    def append(self, timestamp: int, relative_offset: int) -> None:
        """Add the highest timestamp so far, if it is higher than the last one added."""
        if timestamp < 0 or (self.timestamps and timestamp <= self.timestamps[-1]):
            return
        self.timestamps.append(timestamp)
        self.offsets.append(relative_offset)

    def before(self, timestamp: int) -> tuple[int, int]:
        """Return the last entry with a timestamp at or below; (-1, 0) if there is none."""
        at = bisect_right(self.timestamps, timestamp) - 1
        return (-1, 0) if at < 0 else (self.timestamps[at], self.offsets[at])

    def truncate(self, relative_offset: int) -> None:
        """Drop the entries at or after an offset."""
        while self.offsets and self.offsets[-1] >= relative_offset:
            self.offsets.pop()
            self.timestamps.pop()

    def last(self) -> tuple[int, int]:
        return (self.timestamps[-1], self.offsets[-1]) if self.timestamps else (-1, 0)

    def encode(self, first: int = 0) -> bytes:
        """Return the bytes of the entries from number `first` on."""
        entries = zip(self.timestamps[first:], self.offsets[first:], strict=True)
        return b"".join(ENTRY.pack(*entry) for entry in entries)


def decode_time_index(content: bytes, relative_end: int) -> TimeIndex:
    """Read an index file, up to the first entry that cannot be one or is at `relative_end`."""
    index = TimeIndex()
    timestamp, offset = -1, -1
    for at in range(0, len(content) - ENTRY_SIZE + 1, ENTRY_SIZE):
        next_timestamp, next_offset = ENTRY.unpack_from(content, at)
        if next_timestamp <= timestamp or next_offset <= offset or next_offset >= relative_end:
            break
        if next_timestamp == 0 and next_offset == 0:
            break
        index.timestamps.append(next_timestamp)
        index.offsets.append(next_offset)
        timestamp, offset = next_timestamp, next_offset
    return index
