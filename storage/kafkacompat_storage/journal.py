"""When is what was appended durable? One journal per broker, one commit for all that came.

Called by the owner (the event loop's thread). Where durable means synced, one thread of its own
syncs; what it has to say reaches the owner through `post`.
"""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Final, Literal, Protocol

from kafkacompat_protocol.errors import ErrorCode, KafkaError

from .folder import Pending
from .log import Appended, PartitionLog
from .syncing import Syncer

Durability = Literal["fsync", "os", "memory"]
Callback = Callable[[KafkaError | None], None]

_FAILED_LIMIT: Final = 10_000


class Journal(Protocol):
    """Appends, and says when they are durable."""

    def append(
        self,
        log: PartitionLog,
        batches: memoryview,
        *,
        now_ms: int,
        leader_epoch: int,
        from_client: bool = True,
        converted: bool = False,
    ) -> Appended:
        """Append to a log, as `PartitionLog.append`; the ticket returned tells what to wait for."""

    def is_durable(self, ticket: int) -> bool:
        """Whether that append, and all before it, are durable (or have failed)."""

    def when_durable(self, ticket: int, callback: Callback) -> None:
        """Call back with None once the append is durable, or with what prevented it.

        Calls come on the owner's thread, in the order of tickets; at once if it is settled.
        """

    def flush_all(self) -> None:
        """Return when everything appended is settled and its callbacks were called. Blocks."""

    def close(self) -> None:
        """Flush, and end."""


class _Commit:
    """Logs that are being made durable, up to a ticket."""

    __slots__ = ("done", "failed", "logs", "pendings", "ticket")

    def __init__(self, ticket: int, logs: list[PartitionLog]) -> None:
        self.ticket = ticket
        self.logs = logs
        self.pendings: list[Pending] = [log.begin_commit() for log in logs]
        self.failed: dict[int, OSError] = {}
        self.done = threading.Event()


class LocalJournal:
    """The journal of a broker that keeps its logs itself.

    `fsync`: durable is synced, by group commit. `os`: durable is written. `memory`: the same.
    `post` runs a function on the owner's thread soon; `seconds` is a monotonic clock.
    """

    def __init__(
        self,
        durability: Durability,
        post: Callable[[Callable[[], None]], object],
        *,
        threads: int = 8,
        seconds: Callable[[], float] | None = None,
    ) -> None:
        self.durability = durability
        self._immediate = durability != "fsync"
        self._post = post
        self._syncer = Syncer(threads, seconds)
        self._queue: SimpleQueue[_Commit | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._commit: _Commit | None = None
        self._dirty: dict[PartitionLog, None] = {}
        self._last_ticket = 0
        self._durable_ticket = 0
        self._logs: dict[int, PartitionLog] = {}
        """The log of each ticket that is not settled, in order."""
        self._waiting: dict[int, list[Callback]] = {}
        self._failed: dict[int, KafkaError] = {}

    def append(
        self,
        log: PartitionLog,
        batches: memoryview,
        *,
        now_ms: int,
        leader_epoch: int,
        from_client: bool = True,
        converted: bool = False,
    ) -> Appended:
        appended = log.append(
            batches,
            now_ms=now_ms,
            leader_epoch=leader_epoch,
            from_client=from_client,
            converted=converted,
        )
        if self._immediate:
            log.commit()
            return appended
        if appended.is_duplicate and appended.last_offset < log.high_watermark:
            return appended
        self._last_ticket = appended.ticket = self._last_ticket + 1
        self._logs[appended.ticket] = log
        self._dirty[log] = None
        if self._commit is None:
            self._begin()
        return appended

    def is_durable(self, ticket: int) -> bool:
        return ticket <= self._durable_ticket

    def when_durable(self, ticket: int, callback: Callback) -> None:
        if ticket <= self._durable_ticket:
            callback(self._failed.get(ticket))
        else:
            self._waiting.setdefault(ticket, []).append(callback)

    def flush_all(self) -> None:
        while self._commit is not None or self._dirty:
            if self._commit is None:
                self._begin()
            commit = self._commit
            if commit is not None:
                commit.done.wait()
                self._finish(commit)

    def close(self) -> None:
        self.flush_all()
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None
        self._syncer.close()

    def _begin(self) -> None:
        """Hand what is dirty to the committer; what is appended from now on comes next."""
        commit = _Commit(self._last_ticket, list(self._dirty))
        self._dirty.clear()
        self._commit = commit
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="committer", daemon=True)
            self._thread.start()
        self._queue.put(commit)

    def _run(self) -> None:
        """The committer's thread."""
        while (commit := self._queue.get()) is not None:
            try:
                commit.failed = self._syncer.sync(commit.pendings)
            except BaseException as error:  # Nothing may pass for durable that is not.
                failure = OSError(str(error))
                commit.failed = dict.fromkeys(range(len(commit.pendings)), failure)
            commit.done.set()
            try:
                self._post(lambda commit=commit: self._finish(commit))  # type: ignore[misc]
            except RuntimeError:
                return  # The owner's loop is closed.

    def _finish(self, commit: _Commit) -> None:
        """Settle the tickets of a commit, and begin the next."""
        if commit is not self._commit:
            return  # Settled by flush_all.
        raised: list[Exception] = []
        for number, (log, pending) in enumerate(zip(commit.logs, commit.pendings, strict=True)):
            try:
                self._end(log, pending, commit.failed.get(number))
            except Exception as error:
                raised.append(error)
        # With nothing dirty, later tickets can only be those of logs that failed.
        self._settle(commit.ticket if self._dirty else self._last_ticket, raised)
        self._commit = None
        if self._dirty:
            self._begin()
        if raised:
            raise raised[0]  # Somebody else's, and nobody else's concern: commits go on.

    def _end(self, log: PartitionLog, pending: Pending, error: OSError | None) -> None:
        if error is None:
            log.end_commit(pending)
            return
        self._dirty.pop(log, None)
        log.fail(KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, str(error)))

    def _settle(self, ticket: int, raised: list[Exception]) -> None:
        self._durable_ticket = ticket
        settled = []
        for number, log in self._logs.items():
            if number > ticket:
                break
            settled.append((number, log.refusal))
        for number, refusal in settled:
            del self._logs[number]
            if refusal is not None:
                self._note_failed(number, refusal)
        for number, refusal in settled:
            for callback in self._waiting.pop(number, ()):
                try:
                    callback(refusal)
                except Exception as error:
                    raised.append(error)

    def _note_failed(self, ticket: int, error: KafkaError) -> None:
        if len(self._failed) >= _FAILED_LIMIT:
            self._failed.pop(next(iter(self._failed)))
        self._failed[ticket] = error
