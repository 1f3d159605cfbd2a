"""Which segments are too old or too many. What is decided is pure.

To find out may block and is for any thread (`Expiry`, `may_expire`); to act on it is the owner's.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from . import names
from .files import Files
from .log import PartitionLog
from .segments import Segment
from .time_index import ENTRY, ENTRY_SIZE


class Limits(NamedTuple):
    """What a topic keeps; a limit below 0 does not hold."""

    retention_ms: int
    retention_bytes: int


class SegmentFacts(NamedTuple):
    """What retention asks of a segment; `timestamp` is its highest, or when it was made."""

    next_offset: int
    size: int
    timestamp: int


def expired(
    segments: Iterable[SegmentFacts],
    limits: Limits,
    *,
    total_bytes: int,
    now_ms: int,
    high_watermark: int,
) -> int:
    """Return how many segments, from the first on, are to go; no more are asked for than needed.

    A segment goes by age when its latest record is older than `retention_ms`, by size when what is
    left without it still has `retention_bytes`; never above the high watermark.
    """
    surplus = total_bytes - limits.retention_bytes
    count = 0
    for segment in segments:
        too_old = 0 <= limits.retention_ms < now_ms - segment.timestamp
        too_much = limits.retention_bytes >= 0 and surplus >= segment.size
        if segment.next_offset > high_watermark or not (too_old or too_much) or not segment.size:
            break
        surplus -= segment.size
        count += 1
    return count


class Expiry:
    """What of a log is to go, as it is when this is made. `find` may block, in any thread."""

    def __init__(self, log: PartitionLog, limits: Limits) -> None:
        self.log = log
        self._limits = limits
        self._segments = list(log.segments)
        self._active = log.active
        self._high_watermark = log.high_watermark
        self._total_bytes = log.size_bytes
        self.count = 0
        """How many segments, once it was found out."""

    def find(self, now_ms: int) -> None:
        """Find out how many segments are to go. Errors: OSError, KAFKA_STORAGE_ERROR."""
        self.count = expired(
            self._facts(),
            self._limits,
            total_bytes=self._total_bytes,
            now_ms=now_ms,
            high_watermark=self._high_watermark,
        )

    def _facts(self) -> Iterator[SegmentFacts]:
        by_age = self._limits.retention_ms >= 0
        for segment in self._segments:
            timestamp = self._timestamp(segment) if by_age else 0
            yield SegmentFacts(segment.next_offset, segment.size, timestamp)

    def _timestamp(self, segment: Segment) -> int:
        is_sealed = segment is not self._active
        latest = segment.find_latest_timestamp() if is_sealed else segment.max_timestamp
        if is_sealed:
            segment.forget_indexes()
        return latest if latest >= 0 else segment.created_ms

    def apply(self, now_ms: int) -> list[Segment]:
        """Remove what was found; return it. The active segment is rolled first. Owner only.

        Nothing happens where the log has changed its first segments meanwhile, or where the active
        one was appended to: the next check finds it. Errors: KAFKA_STORAGE_ERROR.
        """
        log, gone = self.log, self._segments[: self.count]
        if not gone or log.segments[: self.count] != gone or log.fault is not None:
            return []
        if gone[-1] is log.active:
            if log.size_bytes != self._total_bytes or log.high_watermark != log.end_offset:
                return []
            log.roll(now_ms)
        log.advance_log_start(log.segments[self.count].base_offset)
        return gone


class Unopened(NamedTuple):
    """What a partition's folder says about its oldest segment, and how much there is in all."""

    total_bytes: int
    first_bytes: int
    latest: int
    """Highest timestamp of the oldest segment as its index says; -1 where that is not known."""

    def may_expire(self, limits: Limits, now_ms: int) -> bool:
        """Whether the partition is worth being opened for its retention."""
        if not self.first_bytes:
            return False
        by_size = 0 <= limits.retention_bytes <= self.total_bytes - self.first_bytes
        return by_size or 0 <= limits.retention_ms < now_ms - self.latest


def look_at(files: Files, folder: str) -> Unopened:
    """Look at a partition's folder without opening it. May block; any thread. Errors: OSError."""
    if not files.is_directory(folder):
        return Unopened(0, 0, -1)
    bases = names.offsets_of(files.listdir(folder), names.LOG)
    sizes = [files.size(f"{folder}/{names.offset_file(base, names.LOG)}") for base in bases]
    if not sizes or not sizes[0]:
        return Unopened(sum(sizes), 0, -1)
    return Unopened(sum(sizes), sizes[0], _last_timestamp(files, folder, bases[0]))


def _last_timestamp(files: Files, folder: str, base_offset: int) -> int:
    path = f"{folder}/{names.offset_file(base_offset, names.TIME_INDEX)}"
    if not files.exists(path) or (size := files.size(path)) < ENTRY_SIZE:
        return -1
    file = files.open(path)
    timestamp: int = ENTRY.unpack(file.read(size - size % ENTRY_SIZE - ENTRY_SIZE, ENTRY_SIZE))[0]
    file.close()
    return timestamp
