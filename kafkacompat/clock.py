"""Time for a node: two readings, and one heap of timers.

Nothing else in the broker asks the system for the time or schedules a wake-up, so a test clock
that is advanced by hand fires exactly what is due.
"""

import asyncio
import heapq
import time
from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    """Where a node gets its time from."""

    def wall_ms(self) -> int:
        """Return milliseconds since 1970, for timestamps that leave the node."""

    def monotonic_ms(self) -> int:
        """Return milliseconds that never go back, for sessions and timeouts."""

    def seconds(self) -> float:
        """Return monotonic seconds as finely as there are, to measure how long work takes."""

    def wake_at(self, at_ms: int, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back once at a monotonic time; return what cancels it."""


class SystemClock:
    """The machine's clocks, waking up through the running event loop."""

    def wall_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000

    def seconds(self) -> float:
        return time.monotonic()

    def wake_at(self, at_ms: int, callback: Callable[[], None]) -> Callable[[], None]:
        delay = max(0, at_ms - self.monotonic_ms()) / 1000
        return asyncio.get_running_loop().call_later(delay, callback).cancel


class Timer:
    """A call that is due at `at_ms` unless cancelled before."""

    __slots__ = ("_order", "at_ms", "callback")

    def __init__(self, at_ms: int, order: int, callback: Callable[[], None]) -> None:
        self.at_ms = at_ms
        self._order = order
        self.callback: Callable[[], None] | None = callback

    def __lt__(self, other: "Timer") -> bool:
        return (self.at_ms, self._order) < (other.at_ms, other._order)

    def cancel(self) -> None:
        """Never call back. Harmless when it already has."""
        self.callback = None


class Timers:
    """The one heap of timers of a node; a single wake-up of the clock serves all of them."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._heap: list[Timer] = []
        self._order = 0
        self._armed_ms: int | None = None
        self._disarm: Callable[[], None] | None = None

    def at(self, at_ms: int, callback: Callable[[], None]) -> Timer:
        """Call back at a monotonic time."""
        self._order += 1
        timer = Timer(at_ms, self._order, callback)
        heapq.heappush(self._heap, timer)
        if self._armed_ms is None or at_ms < self._armed_ms:
            self._arm()
        if len(self._heap) > 1024 and self._order % 1024 == 0:
            self._drop_cancelled()
        return timer

    def after(self, delay_ms: int, callback: Callable[[], None]) -> Timer:
        """Call back once `delay_ms` have passed."""
        return self.at(self.clock.monotonic_ms() + delay_ms, callback)

    def close(self) -> None:
        """Forget every timer."""
        self._heap.clear()
        if self._disarm is not None:
            self._disarm()
            self._disarm = None

    def _drop_cancelled(self) -> None:
        self._heap = [timer for timer in self._heap if timer.callback is not None]
        heapq.heapify(self._heap)

    def _arm(self) -> None:
        if self._disarm is not None:
            self._disarm()
            self._disarm = None
        while self._heap and self._heap[0].callback is None:
            heapq.heappop(self._heap)
        if not self._heap:
            self._armed_ms = None
            return
        self._armed_ms = self._heap[0].at_ms
        self._disarm = self.clock.wake_at(self._armed_ms, self._fire)

    def _fire(self) -> None:
        self._disarm = None
        self._armed_ms = None
        now_ms = self.clock.monotonic_ms()
        try:
            while self._heap and self._heap[0].at_ms <= now_ms:
                callback = heapq.heappop(self._heap).callback
                if callback is not None:
                    callback()
        finally:  # A call that raises keeps no other from being made.
            if self._armed_ms is None:
                self._arm()


async def give_way() -> None:
    """Let everybody else have a turn of the loop."""
    loop = asyncio.get_running_loop()
    turn: asyncio.Future[None] = loop.create_future()
    loop.call_soon(lambda: None if turn.done() else turn.set_result(None))
    await turn
