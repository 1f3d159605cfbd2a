"""A clock that runs, and that a test may put forward or stop."""

from collections.abc import Callable
from functools import partial

from kafkacompat.clock import SystemClock


class AdjustableClock:
    """The machine's time, plus what was added to it; or one moment, while it is frozen.

    Wall time and monotonic time move together. All calls come from the loop's thread.
    """

    def __init__(self) -> None:
        self._system = SystemClock()
        self._added_ms = 0
        self._frozen: tuple[int, int] | None = None
        self._wakings: dict[int, _Waking] = {}
        self._order = 0

    # --- as a node sees it

    def wall_ms(self) -> int:
        if self._frozen is not None:
            return self._frozen[0]
        return self._system.wall_ms() + self._added_ms

    def monotonic_ms(self) -> int:
        if self._frozen is not None:
            return self._frozen[1]
        return self._system.monotonic_ms() + self._added_ms

    def seconds(self) -> float:
        return self._system.seconds()

    def wake_at(self, at_ms: int, callback: Callable[[], None]) -> Callable[[], None]:
        self._order += 1
        number = self._order
        waking = self._wakings[number] = _Waking(at_ms, callback)
        self._arm(number, waking)

        def cancel() -> None:
            gone = self._wakings.pop(number, None)
            if gone is not None:
                gone.disarm()

        return cancel

    # --- as a test moves it

    def advance(self, by_ms: int) -> None:
        """Put the time forward; what becomes due happens soon. Errors: ValueError below 0."""
        if by_ms < 0:
            raise ValueError("time does not go back")
        if self._frozen is not None:
            wall_ms, monotonic_ms = self._frozen
            self._frozen = (wall_ms + by_ms, monotonic_ms + by_ms)
        else:
            self._added_ms += by_ms
        self._arm_all()

    def freeze(self) -> None:
        """Stop the time; only `advance` moves it."""
        if self._frozen is None:
            self._frozen = (self.wall_ms(), self.monotonic_ms())
            self._arm_all()

    def unfreeze(self) -> None:
        """Let the time go on from where it stands."""
        if self._frozen is not None:
            self._added_ms = self._frozen[1] - self._system.monotonic_ms()
            self._frozen = None
            self._arm_all()

    def _arm_all(self) -> None:
        for number, waking in list(self._wakings.items()):
            waking.disarm()
            self._arm(number, waking)

    def _arm(self, number: int, waking: "_Waking") -> None:
        left_ms = max(0, waking.at_ms - self.monotonic_ms())
        if left_ms and self._frozen is not None:
            return
        at_ms = self._system.monotonic_ms() + left_ms
        waking.disarm = self._system.wake_at(at_ms, partial(self._fire, number))

    def _fire(self, number: int) -> None:
        waking = self._wakings.pop(number, None)
        if waking is not None:
            waking.callback()


class _Waking:
    __slots__ = ("at_ms", "callback", "disarm")

    def __init__(self, at_ms: int, callback: Callable[[], None]) -> None:
        self.at_ms = at_ms
        self.callback = callback
        self.disarm: Callable[[], object] = lambda: None
