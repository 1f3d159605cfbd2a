"""What is to be compacted, how far, and in what pieces. Nothing here touches a file.

    log start         first dirty          first uncleanable      end
        |  compacted once  |   new: keys of it    |  not yet       |

Spec: KIP-58 (min lag), KIP-354 (max lag).
"""

from collections.abc import Sequence
from typing import NamedTuple

from ..offset_index import LARGEST_RELATIVE_OFFSET
from ..validate import FOREVER_MS


class Rules(NamedTuple):
    """What a topic's configuration says of its compaction."""

    min_cleanable_ratio: float
    min_lag_ms: int
    max_lag_ms: int
    delete_retention_ms: int
    segment_bytes: int
    segment_index_bytes: int

    @property
    def has_max_lag(self) -> bool:
        """Whether max.compaction.lag.ms is anything but for ever."""
        return self.max_lag_ms < FOREVER_MS


class SegmentFacts(NamedTuple):
    """A sealed segment. Timestamps are -1 where there are none, or nobody asked for them."""

    base_offset: int
    next_offset: int
    size: int
    first_timestamp: int = -1
    latest_timestamp: int = -1


class Range(NamedTuple):
    """From where to where the keys of a log are to be looked at."""

    first_dirty: int
    first_uncleanable: int


class Dirt(NamedTuple):
    """How much of a log is worth compacting."""

    clean_bytes: int
    cleanable_bytes: int
    delay_ms: int
    """For how long it should have been compacted by its max.compaction.lag.ms."""

    @property
    def ratio(self) -> float:
        """The part of what would be looked at that is new."""
        total = self.clean_bytes + self.cleanable_bytes
        return self.cleanable_bytes / total if total else 0.0

    def is_due(self, rules: Rules) -> bool:
        """Whether the log should be compacted now."""
        is_late = self.delay_ms > 0 and self.cleanable_bytes > 0
        return is_late or self.ratio > rules.min_cleanable_ratio


def first_dirty(checkpointed: int | None, log_start: int, log_end: int) -> int:
    """Return where the part begins that was never compacted.

    What was noted counts for nothing where it is before the log's start or after its end.
    """
    if checkpointed is None or not log_start <= checkpointed <= log_end:
        return log_start
    return checkpointed


def cleanable_range(
    sealed: Sequence[SegmentFacts], first: int, last_stable: int, rules: Rules, now_ms: int
) -> Range:
    """Return the range from `first` on: never the active segment, nothing undecided or too new."""
    end = min(last_stable, sealed[-1].next_offset if sealed else first)
    if rules.min_lag_ms > 0:
        for segment in sealed:
            too_new = segment.latest_timestamp > now_ms - rules.min_lag_ms
            if segment.next_offset > first and too_new:
                end = min(end, segment.base_offset)
                break
    return Range(first, max(first, end))


def dirt(sealed: Sequence[SegmentFacts], span: Range, rules: Rules, now_ms: int) -> Dirt:
    """Return how much of a log is old and new; a segment that holds the boundary is new."""
    clean = dirty = 0
    for segment in sealed:
        if segment.next_offset <= span.first_dirty:
            clean += segment.size
        elif segment.base_offset < span.first_uncleanable:
            dirty += segment.size
    began = [
        segment.first_timestamp
        for segment in sealed
        if segment.next_offset > span.first_dirty and segment.first_timestamp > 0
    ]
    delay = max(0, now_ms - rules.max_lag_ms - min(began)) if began else 0
    return Dirt(clean, dirty, delay)


def group(
    sealed: Sequence[SegmentFacts], end: int, index_bytes: Sequence[int], rules: Rules
) -> list[list[int]]:
    """Return which segments that begin before `end` become one each, as numbers of them.

    Together they hold no more than one segment may: bytes, index entries, and offsets that are
    31 bits relative to the first.
    """
    groups: list[list[int]] = []
    bytes_left = index_left = -1
    for number, segment in enumerate(sealed):
        if segment.base_offset >= end:
            break
        fits = (
            bytes_left >= segment.size
            and index_left >= index_bytes[number]
            and segment.next_offset - 1 - sealed[groups[-1][0]].base_offset
            <= LARGEST_RELATIVE_OFFSET
        )
        if not fits:
            groups.append([])
            bytes_left, index_left = rules.segment_bytes, rules.segment_index_bytes
        groups[-1].append(number)
        bytes_left -= segment.size
        index_left -= index_bytes[number]
    return groups
