"""Look at a log to see what there is to compact, and make the task for a pass over it.

What is taken from the log when a look is made is the owner's to take; all else may block, in any
thread, and holds whatever happens to the log meanwhile.
"""

from collections.abc import Sequence

from kafkacompat_protocol.records.batch import HEADER_SIZE, read_header

from .. import names
from ..files import Files
from ..log import PartitionLog
from ..producer_state import Producer
from ..segment import FileSegment
from ..segments import Segment
from ..txn_index import AbortedTransaction
from .batches import LastOfProducer
from .choice import Dirt, Range, Rules, SegmentFacts, cleanable_range, dirt, first_dirty
from .work import Task


class Look:
    """A log as it is when this is made, with what compaction asks of it."""

    def __init__(self, log: PartitionLog, checkpointed: int | None) -> None:
        self.log = log
        self.sealed: list[Segment] = [
            segment for segment in log.segments[:-1] if segment.next_offset <= log.high_watermark
        ]
        """What is durable and not appended to any more."""
        self.first_dirty = first_dirty(checkpointed, log.log_start_offset, log.end_offset)
        self._last_stable = log.last_stable_offset
        self._producers: dict[int, Producer] = {}
        self._later_aborted: list[AbortedTransaction] = []

    @property
    def has_dirt(self) -> bool:
        """Whether there is any sealed segment that was not compacted yet."""
        return bool(self.sealed) and self.sealed[-1].next_offset > self.first_dirty

    def remember(self) -> None:
        """Note what a pass needs to know of producers and transactions. Owner only."""
        self._producers = dict(self.log.producers.producers)
        end = self.sealed[-1].next_offset
        later = [segment for segment in self.log.segments if segment.base_offset >= end]
        self._later_aborted = [each for segment in later for each in segment.aborted]

    def facts(self, rules: Rules) -> list[SegmentFacts]:
        """Return what is known of the sealed segments. May block. Errors: OSError, KafkaError."""
        return [self._facts(segment, rules) for segment in self.sealed]

    def _facts(self, segment: Segment, rules: Rules) -> SegmentFacts:
        latest = first = -1
        if segment.next_offset > self.first_dirty:
            if rules.min_lag_ms > 0:
                latest = segment.max_timestamp
                segment.forget_indexes()
            if rules.has_max_lag:
                first = _first_timestamp(segment)
        return SegmentFacts(segment.base_offset, segment.next_offset, segment.size, first, latest)

    def judge(self, facts: Sequence[SegmentFacts], rules: Rules, now_ms: int) -> tuple[Range, Dirt]:
        """Return how far the log can be compacted, and how much of that is new."""
        span = cleanable_range(facts, self.first_dirty, self._last_stable, rules, now_ms)
        return span, dirt(facts, span, rules, now_ms)

    def task(
        self,
        facts: list[SegmentFacts],
        span: Range,
        rules: Rules,
        *,
        now_ms: int,
        memory_bytes: int,
        load_factor: float,
    ) -> Task:
        """Return what a pass needs to know. May block. Errors: OSError."""
        reached = [segment for segment in facts if segment.base_offset < span.first_uncleanable]
        return Task(
            reached,
            span,
            rules,
            now_ms,
            memory_bytes,
            load_factor,
            {key: _last_of(producer) for key, producer in self._producers.items()},
            self._aborted(reached[-1].next_offset) if reached else [],
        )

    def _aborted(self, end: int) -> list[AbortedTransaction]:
        """Return the aborted transactions that have anything before `end`."""
        found: list[AbortedTransaction] = []
        for segment in self.sealed:
            if isinstance(segment, FileSegment):
                found += segment.read_aborted(segment.next_offset)
            else:
                found += segment.aborted
        return [each for each in found + self._later_aborted if each.first_offset < end]


def may_be_dirty(files: Files, folder: str, checkpointed: int | None) -> bool:
    """Whether a partition that is not open has sealed segments that were not compacted yet.

    May block; any thread. Errors: OSError.
    """
    if not files.is_directory(folder):
        return False
    bases = names.offsets_of(files.listdir(folder), names.LOG)
    return len(bases) > 1 and bases[-1] > (checkpointed or 0)


def _last_of(producer: Producer) -> LastOfProducer:
    last_offset = producer.window[-1].last_offset if producer.window else -1
    return LastOfProducer(last_offset, producer.epoch)


def _first_timestamp(segment: Segment) -> int:
    if not isinstance(segment, FileSegment):
        return segment.first_timestamp
    if segment.size < HEADER_SIZE:
        return -1
    return read_header(segment.file.read(0, HEADER_SIZE)).max_timestamp
