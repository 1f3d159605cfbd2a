"""The offsets of a share-partition that are in flight, as runs of records in the same state.

Runs lie close together, from the first offset that is not done with to the first that nobody has
been given yet. A batch that is acquired and accepted whole stays one run; it is split only where
its records come to differ, and joined again where they become the same.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import NamedTuple


class RecordState(IntEnum):
    """What can be said of a record, numbered as in Kafka's records."""

    AVAILABLE = 0
    ACQUIRED = 1
    ACKNOWLEDGED = 2
    ARCHIVED = 4


AVAILABLE, ACQUIRED = RecordState.AVAILABLE, RecordState.ACQUIRED
ACKNOWLEDGED, ARCHIVED = RecordState.ACKNOWLEDGED, RecordState.ARCHIVED


class Run(NamedTuple):
    """Neighbouring offsets, both ends inclusive, of which the same is true."""

    first: int
    last: int
    state: RecordState
    delivery_count: int = 0
    member_id: str | None = None
    lock_until_ms: int = 0

    @property
    def size(self) -> int:
        return self.last - self.first + 1

    @property
    def is_done(self) -> bool:
        """Whether nobody will ever be given it again."""
        return self.state >= ACKNOWLEDGED

    def clipped(self, first: int, last: int) -> "Run":
        """Return the part of it that lies in [first, last]."""
        if first <= self.first and self.last <= last:
            return self
        return self._replace(first=max(first, self.first), last=min(last, self.last))


class Window:
    """Runs that cover [start_offset, end_offset) without a hole."""

    __slots__ = ("done", "end_offset", "runs", "start_offset")

    def __init__(self, start_offset: int) -> None:
        self.start_offset = start_offset
        self.end_offset = start_offset
        self.runs: list[Run] = []
        self.done = 0
        """Records that are done with, behind some that are not."""

    def copy(self) -> "Window":
        """Return one that changes by itself."""
        made = Window(self.start_offset)
        made.end_offset, made.done = self.end_offset, self.done
        made.runs = self.runs.copy()
        return made

    @property
    def in_flight(self) -> int:
        """Records that are acquired, or may be acquired again."""
        return self.end_offset - self.start_offset - self.done

    def next_available(self, from_offset: int = 0) -> int:
        """Return the first offset, from one on, that somebody can be given."""
        offset = max(from_offset, self.start_offset)
        if offset >= self.end_offset:
            return offset
        for index in range(self._index_of(offset), len(self.runs)):
            run = self.runs[index]
            if run.state == AVAILABLE:
                return max(offset, run.first)
        return self.end_offset

    def between(self, first: int, last: int) -> Iterator[Run]:
        """Yield the runs in [first, last], cut to it."""
        first, last = max(first, self.start_offset), min(last, self.end_offset - 1)
        if first > last:
            return
        for index in range(self._index_of(first), len(self.runs)):
            run = self.runs[index]
            if run.first > last:
                return
            yield run.clipped(first, last)

    def replace(self, runs: Iterable[Run]) -> None:
        """Say something new of offsets: `runs` are neighbours, and in the window or at its end."""
        runs = list(runs)
        if not runs:
            return
        if runs[0].first >= self.end_offset:
            self._extend(runs)
            return
        first, last = runs[0].first, runs[-1].last
        low, high = self._index_of(first), self._index_of(last)
        before, after = self.runs[low], self.runs[high]
        pieces = runs
        if before.first < first:
            pieces = [before._replace(last=first - 1), *pieces]
        elif low:
            low -= 1
            pieces = [self.runs[low], *pieces]
        if after.last > last:
            pieces = [*pieces, after._replace(first=last + 1)]
        elif high + 1 < len(self.runs):
            high += 1
            pieces = [*pieces, self.runs[high]]
        old = self.runs[low : high + 1]
        self.done += _done(pieces) - _done(old)
        self.runs[low : high + 1] = _joined(pieces)

    def _extend(self, runs: list[Run]) -> None:
        assert runs[0].first == self.end_offset, "runs are neighbours"
        self.done += _done(runs)
        self.end_offset = runs[-1].last + 1
        self.runs[-1:] = _joined([*self.runs[-1:], *runs])

    def fill(self, end_offset: int) -> None:
        """Reach up to an offset, with records of which nothing is known."""
        if end_offset > self.end_offset:
            self.replace([Run(self.end_offset, end_offset - 1, AVAILABLE)])

    def trim(self) -> None:
        """Let go of what is done with at the front."""
        count = 0
        for run in self.runs:
            if not run.is_done:
                break
            count += 1
            self.done -= run.size
            self.start_offset = run.last + 1
        del self.runs[:count]

    def cut_before(self, offset: int) -> None:
        """Let go of everything before an offset, whatever its state."""
        if offset <= self.start_offset:
            return
        if offset >= self.end_offset:
            self.runs, self.done = [], 0
            self.start_offset = self.end_offset = offset
            return
        index = self._index_of(offset)
        gone = [*self.runs[:index], self.runs[index].clipped(0, offset - 1)]
        self.done -= _done(run for run in gone if run.first <= run.last)
        self.runs[: index + 1] = [self.runs[index]._replace(first=offset)]
        self.start_offset = offset

    def cut_after(self, end_offset: int) -> None:
        """Let go of everything from an offset on."""
        if end_offset >= self.end_offset:
            return
        kept = list(self.between(self.start_offset, end_offset - 1))
        self.start_offset = min(self.start_offset, end_offset)
        self.runs, self.done, self.end_offset = kept, _done(kept), end_offset

    def _index_of(self, offset: int) -> int:
        """Return which run holds an offset of the window."""
        return bisect_right(self.runs, offset, key=_first) - 1


def _first(run: Run) -> int:
    return run.first


def _done(runs: Iterable[Run]) -> int:
    return sum(run.size for run in runs if run.is_done)


def _joined(runs: list[Run]) -> list[Run]:
    """Return neighbours with those joined of which the same is true."""
    found: list[Run] = []
    for run in runs:
        if found and found[-1][2:] == run[2:]:
            found[-1] = found[-1]._replace(last=run.last)
        else:
            found.append(run)
    return found
