"""Write in a thread while the disk is slow, so that the owner does not wait for it.

One job is at work at a time and takes all that was held when it began, so what is appended is
written in its order.
"""

import threading
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final

from .appended import Appended
from .staged import Writing

if TYPE_CHECKING:
    from .log import PartitionLog

SLOW_S: Final = 0.1
"""A write that takes longer shows that the disk is slow."""
QUICK_S: Final = 0.02
QUICK_ENOUGH: Final = 8
"""After so many jobs in a row in which each write was quick, the disk is not slow any more."""
HELD_LIMIT_BYTES: Final = 64 << 20
"""Bytes that may wait for a slow disk; producers are refused above it."""


class WriteJob:
    """What a thread writes to some logs; all up to a ticket is written then."""

    __slots__ = ("done", "errors", "logs", "size", "slowest_s", "ticket", "writings")

    def __init__(self, ticket: int, size: int) -> None:
        self.ticket = ticket
        self.size = size
        self.logs: dict[PartitionLog, list[Appended]] = {}
        self.writings: dict[PartitionLog, Writing] = {}
        self.errors: dict[PartitionLog, Exception] = {}
        self.slowest_s = 0.0
        self.done = threading.Lock()
        """Held until all of it is written, or failed."""
        self.done.acquire()


class WriteBehind:
    """The thread, and whether the disk is slow. `finish` is called with each job, by `post`."""

    def __init__(
        self,
        seconds: Callable[[], float],
        post: Callable[[Callable[[], None]], object],
        finish: Callable[[WriteJob], None],
    ) -> None:
        self._seconds = seconds
        self._post = post
        self._finish = finish
        self._queue: SimpleQueue[WriteJob | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._quick = 0

    def begin(self, job: WriteJob) -> None:
        """Write that; the job before it has ended."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
            self._thread.start()
        self._queue.put(job)

    def is_quick_again(self, job: WriteJob) -> bool:
        """Count a job that has ended; return whether enough in a row were quick."""
        self._quick = self._quick + 1 if job.slowest_s < QUICK_S else 0
        if self._quick < QUICK_ENOUGH:
            return False
        self._quick = 0
        return True

    def close(self) -> None:
        """End the thread."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while (job := self._queue.get()) is not None:
            for log, writing in job.writings.items():
                began = self._seconds()
                try:
                    writing.file.write_behind(writing.start, writing.contents)
                except Exception as error:  # Whatever it is: it may not be there.
                    job.errors[log] = error
                job.slowest_s = max(job.slowest_s, self._seconds() - began)
            job.done.release()
            try:
                self._post(partial(self._finish, job))
            except RuntimeError:
                return  # The owner's loop is closed.
