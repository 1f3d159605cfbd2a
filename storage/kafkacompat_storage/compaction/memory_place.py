"""A task's segments where everything is in memory: what is made takes its place at once."""

from collections.abc import Iterator, Sequence
from typing import Final

from ..memory_segment import MemorySegment
from ..scan import StoredBatch
from ..segments import Segment
from ..txn_index import AbortedTransaction
from .choice import SegmentFacts
from .work import Sink

_QUICK_BYTES: Final = 16 << 10


class MemoryPlace:
    """Sealed segments of a log in memory, and the one that is being made of some of them."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = {segment.base_offset: segment for segment in segments}
        self.made = MemorySegment(0, 0)
        self.is_slow = any(
            batch.header.compression and batch.header.size > _QUICK_BYTES
            for segment in segments
            for batch in segment.scan()
        )
        """Whether a codec may take longer than a turn of a loop should."""

    def read(self, segment: SegmentFacts) -> Iterator[StoredBatch]:
        return self._segments[segment.base_offset].scan()

    def index_bytes(self, segment: SegmentFacts) -> int:
        """There is no index."""
        return 0

    def begin(self, first: SegmentFacts) -> Sink:
        old = self._segments[first.base_offset]
        self.made = MemorySegment(first.base_offset, old.created_ms)
        return self.made

    def finish(self, aborted: list[AbortedTransaction]) -> int:
        self.made.aborted = aborted
        return self.made.size
