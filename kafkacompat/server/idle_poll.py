"""Keeps the event loop from sleeping for a moment while requests follow each other closely.

A client that waits for each answer sends its next request some ten microseconds after it. A
processor that was put to sleep meanwhile takes longer than that to come back, and has cold caches
when it does. So after a run of short gaps the loop looks for events again and again, for as long
as a gap may be; the first that is longer ends the run. What comes now and then costs nothing.
"""

import asyncio
from collections.abc import Callable

RUN_OF_SHORT_GAPS = 32
FEW_REQUESTS = 4
MAX_LOOKS = 1000
"""Looks in one gap, whatever the clock says."""


class IdlePoll:
    """The gaps between what a loop has done and the next requests.

    `limit_us` is how long a short one is, 0 for no polling; `seconds` is a monotonic clock.
    """

    def __init__(self, limit_us: int, seconds: Callable[[], float]) -> None:
        self._limit_s = limit_us / 1e6
        self._seconds = seconds
        self._waits_since_s = 0.0
        self._short_gaps = 0
        self._looks = 0
        self._is_polling = False

    def asked(self) -> None:
        """Note that requests have come."""
        if self._seconds() - self._waits_since_s < self._limit_s:
            self._short_gaps += 1
        else:
            self._short_gaps = 0

    def waits(self, requests: int) -> None:
        """Note that so many requests were answered, or handed to the journal to be synced.

        What follows is polled for if it is likely to come soon. Who sends many requests at a time
        has more on its way, and is served best by taking many.
        """
        self._waits_since_s = self._seconds()
        if requests > FEW_REQUESTS:
            self._short_gaps = 0
        self._looks = 0
        if self._short_gaps >= RUN_OF_SHORT_GAPS and not self._is_polling:
            self._is_polling = True
            asyncio.get_running_loop().call_soon(self._look)

    def _look(self) -> None:
        self._looks += 1
        if self._seconds() - self._waits_since_s < self._limit_s and self._looks < MAX_LOOKS:
            asyncio.get_running_loop().call_soon(self._look)
        else:
            self._is_polling = False
            self._short_gaps = 0
