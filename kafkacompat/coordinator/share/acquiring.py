"""Giving records to a member: which of those that were read, and how many.

Sans-I/O. Spec: KIP-932; KIP-1206 (strict limits).
"""

from collections.abc import Iterable
from typing import NamedTuple

from kafkacompat.coordinator.share.window import ACQUIRED, ARCHIVED, AVAILABLE, Run, Window


class Extent(NamedTuple):
    """A record batch: its offsets, both ends inclusive, and whether consumers may see it."""

    first: int
    last: int
    is_deliverable: bool = True


class Wanted(NamedTuple):
    """How much a member asks for."""

    max_records: int
    batch_size: int = 1
    """Records in a range that is reported as acquired, where batches allow."""
    is_strict: bool = False
    """Whether not even one record more will do: batches are cut then."""


class Terms(NamedTuple):
    """How records are given."""

    member_id: str
    lock_until_ms: int
    delivery_count_limit: int
    max_in_flight: int


class Acquired(NamedTuple):
    """Offsets, both ends inclusive, that a member has now."""

    first: int
    last: int
    delivery_count: int


MAX_RUNS_PER_LOCK = 3
"""Runs that a window may have for each record in flight that it may have."""


def acquire(
    window: Window, from_offset: int, extents: Iterable[Extent], wanted: Wanted, terms: Terms
) -> list[Acquired]:
    """Give a member what is available of the batches that were read from an offset on.

    What lies between batches does not exist, and is archived with what consumers may not see.
    """
    taking = _Taking(window, wanted, terms)
    offset = max(from_offset, window.start_offset)
    for extent in extents:
        if extent.last < offset:
            continue
        taking.pass_over(offset, extent.first - 1)
        offset = max(offset, extent.first)
        if not extent.is_deliverable:
            taking.pass_over(offset, extent.last)
        elif not taking.take(offset, extent.last):
            break
        offset = extent.last + 1
    window.trim()
    return taking.acquired


class _Taking:
    def __init__(self, window: Window, wanted: Wanted, terms: Terms) -> None:
        self.window = window
        self.wanted = wanted
        self.terms = terms
        self.left = wanted.max_records
        self.acquired: list[Acquired] = []

    def pass_over(self, first: int, last: int) -> None:
        """Archive what is not with anybody."""
        window = self.window
        for run in list(window.between(first, last)):
            if run.state == AVAILABLE:
                window.replace([Run(run.first, run.last, ARCHIVED, run.delivery_count)])
        first = max(first, window.end_offset)
        if first <= last:
            window.replace([Run(first, last, ARCHIVED)])

    def take(self, first: int, last: int) -> bool:
        """Take what is available of a batch; return whether more may be taken after it."""
        window = self.window
        if self.left <= 0:
            return False
        for run in list(window.between(first, last)):
            if run.state == AVAILABLE and not self._take_again(run):
                return False
        first = max(first, window.end_offset)
        return first > last or self._take_new(first, last)

    def _take_again(self, run: Run) -> bool:
        allowed = self._allowed(run)
        if allowed is None:
            count = min(run.size, self.left) if self.wanted.is_strict else run.size
        elif self.acquired:
            return False  # What may be harmful is given by itself.
        else:
            count = min(run.size, self.left, allowed)
        if count <= 0:
            return False
        self._give(run.first, run.first + count - 1, run.delivery_count + 1)
        return count == run.size and allowed is None

    def _allowed(self, run: Run) -> int | None:
        """Return how many of some records are given at once if they have failed often, else None.

        One bad record makes all fail that are given with it. So after half of the attempts there
        are fewer together, and at the last each is alone, as in Kafka.
        """
        limit = self.terms.delivery_count_limit
        throttled_from = max(2, (limit + 1) // 2)
        if run.delivery_count < throttled_from:
            return None
        if run.delivery_count >= limit - 1:
            return 1
        return max(1, run.size >> (run.delivery_count - throttled_from + 1))

    def _take_new(self, first: int, last: int) -> bool:
        window, terms = self.window, self.terms
        room = terms.max_in_flight - window.in_flight
        if len(window.runs) > MAX_RUNS_PER_LOCK * terms.max_in_flight:
            room = 0
        if room <= 0 or self.left <= 0:
            return False
        end = last
        if self.wanted.is_strict:
            end = min(last, first + min(self.left, room) - 1)
        self._give(first, end, 1)
        return end == last

    def _give(self, first: int, last: int, delivery_count: int) -> None:
        terms, acquired = self.terms, self.acquired
        self.window.replace(
            [Run(first, last, ACQUIRED, delivery_count, terms.member_id, terms.lock_until_ms)]
        )
        self.left -= last - first + 1
        if acquired:
            before = acquired[-1]
            is_same = before.last + 1 == first and before.delivery_count == delivery_count
            if is_same and before.last - before.first + 1 < self.wanted.batch_size:
                acquired[-1] = before._replace(last=last)
                return
        acquired.append(Acquired(first, last, delivery_count))
