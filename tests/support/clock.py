"""A clock that moves only when a test says so."""

import heapq
from collections.abc import Callable


class FakeClock:
    """Wall and monotonic time are numbers; `advance` fires what becomes due, in order."""

    def __init__(self, wall_ms: int = 1_700_000_000_000, monotonic_ms: int = 1_000_000) -> None:
        self._wall_ms, self._monotonic_ms = wall_ms, monotonic_ms
        self._due: list[tuple[int, int, list[Callable[[], None]]]] = []
        self._order = 0

    def wall_ms(self) -> int:
        return self._wall_ms

    def monotonic_ms(self) -> int:
        return self._monotonic_ms

    def seconds(self) -> float:
        return self._monotonic_ms / 1000

    def wake_at(self, at_ms: int, callback: Callable[[], None]) -> Callable[[], None]:
        self._order += 1
        entry = [callback]
        heapq.heappush(self._due, (at_ms, self._order, entry))
        return entry.clear

    def advance(self, by_ms: int) -> None:
        """Let time pass."""
        until_ms = self._monotonic_ms + by_ms
        while self._due and self._due[0][0] <= until_ms:
            at_ms, _, entry = heapq.heappop(self._due)
            self._move_to(max(at_ms, self._monotonic_ms))
            if entry:
                entry[0]()
        self._move_to(until_ms)

    def _move_to(self, monotonic_ms: int) -> None:
        self._wall_ms += monotonic_ms - self._monotonic_ms
        self._monotonic_ms = monotonic_ms
