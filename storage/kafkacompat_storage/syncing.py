"""Make the files of many logs durable at once, in the cheapest way there is.

One or two files are synced one by one. More are synced with their whole file system in one call,
where that exists and is not slower than syncing them in parallel, as it is when other programs
write to the same file system.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from .files import Files
from .folder import Pending

_FEW: Final = 2
_TRY_AGAIN_EVERY: Final = 64
"""After so many commits the way that was slower is tried again."""


class Syncer:
    """Syncs the pending parts of logs. Used by one thread.

    `seconds` is a monotonic clock; without one the two ways are not compared.
    """

    def __init__(self, threads: int = 8, seconds: Callable[[], float] | None = None) -> None:
        self._threads = threads
        self._seconds = seconds
        self._pool: ThreadPoolExecutor | None = None
        self._cost_together = 0.0
        self._cost_per_file = 0.0
        self._turn = 0

    def sync(self, pendings: list[Pending]) -> dict[int, OSError]:
        """Make all of it durable; return what failed, by number. May block."""
        calls = [
            (number, call) for number, pending in enumerate(pendings) for call in _calls(pending)
        ]
        if len(calls) <= _FEW:
            return _failures(calls)
        roots = {_root(pending): pending.storage for pending in pendings}
        self._turn += 1
        together = self._cost_together <= self._cost_per_file * len(calls)
        if self._turn % _TRY_AGAIN_EVERY == 0:
            together = not together
        began = self._seconds() if self._seconds is not None else 0.0
        if together:
            failed = self._sync_filesystems(roots, len(pendings))
            if failed is not None:
                self._cost_together = self._average(self._cost_together, began)
                return failed
        failed = self._sync_in_parallel(calls)
        self._cost_per_file = self._average(self._cost_per_file, began, len(calls))
        return failed

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def _sync_filesystems(
        self, roots: dict[str, Files | None], count: int
    ) -> dict[int, OSError] | None:
        """Sync whole file systems; None if one cannot be. A failure is everybody's."""
        try:
            for root, storage in roots.items():
                if storage is not None and not storage.sync_filesystem(root):
                    return None
        except OSError as error:
            return dict.fromkeys(range(count), error)
        return {}

    def _sync_in_parallel(self, calls: list[tuple[int, Callable[[], None]]]) -> dict[int, OSError]:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="sync")
        share = -(-len(calls) // self._threads)
        parts = [calls[at : at + share] for at in range(0, len(calls), share)]
        failed: dict[int, OSError] = {}
        for part in self._pool.map(_failures, parts):
            failed.update(part)
        return failed

    def _average(self, known: float, began: float, count: int = 1) -> float:
        if self._seconds is None:
            return 0.0
        latest = (self._seconds() - began) / count
        return latest if known == 0.0 else known * 0.8 + latest * 0.2


def _calls(pending: Pending) -> list[Callable[[], None]]:
    storage = pending.storage
    calls: list[Callable[[], None]] = [file.sync for file in pending.files]
    if storage is not None:
        calls += [_sync_path(storage, path) for path in pending.paths]
        calls += [_sync_folder(storage, folder) for folder in pending.folders]
    return calls


def _sync_path(storage: Files, path: str) -> Callable[[], None]:
    def sync() -> None:
        try:
            storage.open(path).sync()
        except FileNotFoundError:
            pass  # Replaced or removed meanwhile, or never made: it is derived.

    return sync


def _sync_folder(storage: Files, folder: str) -> Callable[[], None]:
    return lambda: storage.sync_directory(folder)


def _failures(calls: list[tuple[int, Callable[[], None]]]) -> dict[int, OSError]:
    failed: dict[int, OSError] = {}
    for number, call in calls:
        try:
            call()
        except OSError as error:
            failed[number] = error
    return failed


def _root(pending: Pending) -> str:
    """A folder on the file system of what is pending."""
    for file in pending.files:
        return file.path.rpartition("/")[0].rpartition("/")[0]
    return pending.folders[-1] if pending.folders else ""
