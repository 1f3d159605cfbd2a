"""Which segments are too old or too many. What is decided is pure; `retain` acts on it."""

from collections.abc import Sequence
from typing import NamedTuple

from .log import PartitionLog
from .segments import Segment


class SegmentFacts(NamedTuple):
    """What retention asks of a segment; `timestamp` is its highest, or when it was made."""

    next_offset: int
    size: int
    timestamp: int


def expired(
    segments: Sequence[SegmentFacts],
    *,
    now_ms: int,
    retention_ms: int,
    retention_bytes: int,
    high_watermark: int,
) -> int:
    """Return how many segments, from the first on, are to go; limits below 0 do not hold.

    A segment goes by age when its latest record is older than `retention_ms`, by size when what is
    left without it still has `retention_bytes`; never above the high watermark.
    """
    surplus = sum(segment.size for segment in segments) - retention_bytes
    count = 0
    for segment in segments:
        too_old = 0 <= retention_ms < now_ms - segment.timestamp
        too_much = retention_bytes >= 0 and surplus >= segment.size
        if segment.next_offset > high_watermark or not (too_old or too_much) or not segment.size:
            break
        surplus -= segment.size
        count += 1
    return count


def retain(log: PartitionLog, now_ms: int, retention_ms: int, retention_bytes: int) -> int:
    """Remove a log's expired segments; return how many. The active one is rolled first.

    May block, for the indexes of old segments. Errors: KAFKA_STORAGE_ERROR.
    """
    facts = [
        SegmentFacts(segment.next_offset, segment.size, _latest(segment))
        for segment in log.segments
    ]
    count = expired(
        facts,
        now_ms=now_ms,
        retention_ms=retention_ms,
        retention_bytes=retention_bytes,
        high_watermark=log.high_watermark,
    )
    if not count:
        return 0
    if count == len(log.segments):
        log.roll(now_ms)
    log.advance_log_start(log.segments[count].base_offset)
    return count


def _latest(segment: Segment) -> int:
    latest = segment.max_timestamp
    return latest if latest >= 0 else segment.created_ms
