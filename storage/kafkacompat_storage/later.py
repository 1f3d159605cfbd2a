"""Work on files that may block, kept until a sweep in some thread does it."""

import heapq
import threading
from collections import deque
from collections.abc import Callable

Work = Callable[[], None]


class Later:
    """Work in the order in which it came; what has a delay is done that long after a sweep saw it.

    Any thread may add, and work may add work.
    """

    def __init__(self) -> None:
        self._soon: deque[tuple[Work, int]] = deque()
        self._delayed: list[tuple[int, int, Work]] = []
        self._order = 0
        self._lock = threading.Lock()

    def add(self, work: Work, delay_ms: int = 0) -> None:
        """Have something done by a sweep, not before `delay_ms` have passed."""
        self._soon.append((work, delay_ms))

    def sweep(self, now_ms: int) -> int | None:
        """Do what is due; return when the next is, None if there is nothing more. May block.

        What raises is not done again. Errors: OSError.
        """
        while self._soon:
            work, delay_ms = self._soon.popleft()
            if delay_ms <= 0:
                work()
                continue
            with self._lock:
                self._order += 1
                heapq.heappush(self._delayed, (now_ms + delay_ms, self._order, work))
        while (due := self._take_due(now_ms)) is not None:
            due()
        with self._lock:
            return self._delayed[0][0] if self._delayed else None

    def finish(self) -> None:
        """Do all that there is, due or not. May block. Errors: OSError."""
        while self._soon or self._delayed:
            self.sweep(max((due_ms for due_ms, _, _ in self._delayed), default=0))

    def _take_due(self, now_ms: int) -> Work | None:
        with self._lock:
            if self._delayed and self._delayed[0][0] <= now_ms:
                return heapq.heappop(self._delayed)[2]
        return None
