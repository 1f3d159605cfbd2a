"""Waiting for any of several partitions to have more to read, or for time to be up."""

from collections.abc import Callable, Sequence

from kafkacompat.clock import Timers
from kafkacompat.partitions.partition import Partition


def shared_deadline_ms(now_ms: int, wait_ms: int) -> int:
    """Return when a wait of at most `wait_ms` ends, at a time that others' waits end at too.

    It is up to an eighth early, never late. Waking up once for many who wait is what makes idle
    consumers cheap.
    """
    step_ms = 1 << max(0, (wait_ms >> 3).bit_length() - 1)
    return max(now_ms, (now_ms + wait_ms) // step_ms * step_ms)


class Waiting:
    """Calls `again(False)` when a partition has more, `again(True)` once at the deadline."""

    __slots__ = ("_again", "_partitions", "_timer")

    def __init__(
        self,
        timers: Timers,
        partitions: Sequence[Partition],
        deadline_ms: int,
        again: Callable[[bool], None],
    ) -> None:
        self._again = again
        self._partitions = partitions
        for partition in partitions:
            partition.wait(self, self._woken)
        self._timer = timers.at(deadline_ms, self._expired)

    def stop(self) -> None:
        """Call no more."""
        self._timer.cancel()
        for partition in self._partitions:
            partition.stop_waiting(self)
        self._partitions = ()

    def _woken(self) -> None:
        self._again(False)

    def _expired(self) -> None:
        self._again(True)
