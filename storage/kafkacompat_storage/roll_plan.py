"""When does the active segment end? Worked out once, so that an append compares numbers only."""

from struct import pack
from typing import Final
from zlib import crc32

from .offset_index import LARGEST_RELATIVE_OFFSET
from .segments import Segment
from .validate import AppendRules

_LARGEST_SIZE: Final = 0x7FFFFFFF


class RollPlan:
    """The limits of one active segment, by its topic's rules."""

    __slots__ = ("_after", "_by_clock", "_index_bytes", "_offset", "_segment", "_size")

    def __init__(self, segment: Segment, rules: AppendRules) -> None:
        self._segment = segment
        self._size = rules.segment_bytes
        self._index_bytes = rules.segment_index_bytes
        self._offset = segment.base_offset + LARGEST_RELATIVE_OFFSET
        self._by_clock = segment.first_timestamp < 0
        began = segment.created_ms if self._by_clock else segment.first_timestamp
        self._after = began + rules.segment_ms - _jitter_ms(segment.base_offset, rules)

    def is_due(self, size: int, last_offset: int, max_timestamp: int, now_ms: int) -> bool:
        """Whether a batch of `size` bytes up to `last_offset` belongs into another segment."""
        segment = self._segment
        is_due = bool(segment.size) and (
            segment.size + size > self._size
            or (now_ms if self._by_clock else max_timestamp) > self._after
            or last_offset > self._offset
            or segment.indexes_full(self._index_bytes)
        )
        return is_due and not self._can_wait(size, last_offset)

    def _can_wait(self, size: int, last_offset: int) -> bool:
        """Whether the segment may grow beyond its limits, as it would wait for a slow disk now."""
        segment = self._segment
        has_room = segment.size + size <= _LARGEST_SIZE and last_offset <= self._offset
        return has_room and segment.unwritten > 0


def _jitter_ms(base_offset: int, rules: AppendRules) -> int:
    """Return what is taken off segment.ms, so that not all partitions roll at once.

    It is the same whenever it is asked for, so that a restart does not change when to roll.
    """
    most = min(rules.segment_jitter_ms, rules.segment_ms)
    return crc32(pack(">qI", base_offset, rules.roll_spread)) % most if most > 0 else 0
