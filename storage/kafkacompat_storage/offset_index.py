"""Sparse index of a segment: last offset of some batches -> where in the .log they begin.

One entry is 8 bytes, `relative_offset uint32, position uint32`, big-endian, kept as one number, so
that an index is an array of numbers that rise.
"""

import sys
from array import array
from bisect import bisect_right
from typing import Final

ENTRY_SIZE: Final = 8
LARGEST_RELATIVE_OFFSET: Final = 0x7FFFFFFF
"""To Apache Kafka it is an int32."""
_POSITION_MASK: Final = 0xFFFFFFFF


class OffsetIndex:
    """Index entries in memory; offsets are relative to the segment's base offset."""

    __slots__ = ("entries",)

    def __init__(self) -> None:
        self.entries: array[int] = array("Q")

    def append(self, relative_offset: int, position: int) -> None:
        """Add the batch at `position` by its last offset; both are above all before them."""
        self.entries.append(relative_offset << 32 | position)

    def before(self, relative_offset: int) -> tuple[int, int]:
        """Return (relative offset, position) of the last entry at or before; (-1, 0) if none."""
        at = bisect_right(self.entries, relative_offset << 32 | _POSITION_MASK)
        return self._entry(at - 1)

    def before_position(self, position: int) -> tuple[int, int]:
        """Return (relative offset, position) of the last entry that begins at or before."""
        return self._entry(bisect_right(self.entries, position, key=_position_of) - 1)

    def below(self, position: int, limit: int) -> tuple[int, int]:
        """Return the last entry for [position, position + limit), placed relative to it.

        Without one: (-1, 0), the batch at `position` itself.
        """
        relative, entry = self.before_position(position + limit - 1)
        return (-1, 0) if entry < position else (relative, entry - position)

    def truncate(self, position: int) -> None:
        """Drop the entries of batches that begin at or after `position`."""
        while self.entries and self.entries[-1] & _POSITION_MASK >= position:
            self.entries.pop()

    def last(self) -> tuple[int, int]:
        return self._entry(len(self.entries) - 1)

    def encode(self, first: int = 0) -> bytes:
        """Return the bytes of the entries from number `first` on."""
        part = self.entries[first:]
        if sys.byteorder == "little":
            part.byteswap()
        return part.tobytes()

    def _entry(self, at: int) -> tuple[int, int]:
        if at < 0:
            return -1, 0
        entry = self.entries[at]
        return entry >> 32, entry & _POSITION_MASK


def decode_offset_index(content: bytes, log_size: int) -> OffsetIndex:
    """Read an index file, up to the first entry that cannot be one.

    Kafka fills the file of an active segment with zeros to its full size; entries past the end of
    the log tell of bytes that a crash took.
    """
    read: array[int] = array("Q")
    read.frombytes(content[: len(content) // ENTRY_SIZE * ENTRY_SIZE])
    if sys.byteorder == "little":
        read.byteswap()
    index = OffsetIndex()
    offset, position = -1, -1
    for entry in read:
        next_offset, next_position = entry >> 32, entry & _POSITION_MASK
        if next_offset <= offset or next_position <= position or next_position >= log_size:
            break
        if entry == 0:
            break
        index.entries.append(entry)
        offset, position = next_offset, next_position
    return index


def _position_of(entry: int) -> int:
    return entry & _POSITION_MASK
