"""How long to rest so that so many bytes take as long as they should."""

from collections.abc import Callable


class Throttle:
    """A rate that is kept on average; what was not used does not add up. None is no limit."""

    def __init__(self, bytes_per_second: float | None, seconds: Callable[[], float]) -> None:
        self._rate = bytes_per_second
        self._seconds = seconds
        self._due_s = seconds()

    def take(self, count: int) -> float:
        """Count bytes; return for how many seconds to rest after them."""
        if not self._rate:
            return 0.0
        now_s = self._seconds()
        self._due_s = max(self._due_s, now_s - 1.0) + count / self._rate
        return max(0.0, self._due_s - now_s)
