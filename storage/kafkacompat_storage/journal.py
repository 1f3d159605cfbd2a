"""When is what was appended durable? One journal per broker, one commit for all that came.

Called by the owner (the event loop's thread). What is staged is written together, one call for
each log. Where durable means synced, one thread of its own syncs; what it has to say reaches the
owner through `post`. When a write was slow, and until the disk is quick again, another thread
writes: what is staged is held, as copies, until that has come to it (write_behind.py).
"""

import threading
from collections.abc import Callable, Iterable
from functools import partial
from queue import SimpleQueue
from typing import Literal, Protocol

from kafkacompat_protocol.errors import ErrorCode, KafkaError

from .folder import Pending
from .log import Appended, PartitionLog
from .syncing import Syncer
from .write_behind import HELD_LIMIT_BYTES, SLOW_S, WriteBehind, WriteJob

Durability = Literal["fsync", "os", "memory"]
Callback = Callable[[KafkaError | None], None]


class Journal(Protocol):
    """Appends, and says when they are durable."""

    written_ticket: int
    """All appends up to this one are written (or lost)."""
    durable_ticket: int
    """All appends up to this one are settled: durable, or lost."""

    @property
    def last_ticket(self) -> int:
        """The ticket of the newest append of all."""

    def stage(
        self,
        log: PartitionLog,
        batches: memoryview,
        *,
        now_ms: int,
        leader_epoch: int,
        converted: bool = False,
    ) -> Appended:
        """Append what a client sent, as `PartitionLog.stage`; `write_staged` must follow soon."""

    def write_staged(self) -> None:
        """Write what is staged in all logs. What that fails for is lost, and says so."""

    def write_own(self) -> None:
        """Write what the broker itself has staged, as `write_staged`.

        What somebody raises who waited must not pass for a failure of that: it goes to the owner.
        """

    def append(
        self, log: PartitionLog, batches: memoryview, *, now_ms: int, leader_epoch: int
    ) -> Appended:
        """Append what the broker itself writes, and write it. Errors: as `PartitionLog.append`."""

    def is_durable(self, ticket: int) -> bool:
        """Whether that append, and all before it, are settled."""

    def when_durable(self, appended: Appended, callback: Callback) -> None:
        """Call back with None once the append is durable, or with what prevented it.

        Calls come on the owner's thread, in the order of tickets; at once if it is settled.
        """

    def when_progress(self, callback: Callable[[], None]) -> None:
        """Call back once, on the owner's thread, when more has been settled."""

    def flush_all(self) -> None:
        """Return when everything appended is settled and its callbacks were called. Blocks."""

    def close(self) -> None:
        """Flush, and end."""


class _Commit:
    """Logs that are being made durable, up to a ticket."""

    __slots__ = ("done", "failed", "logs", "pendings", "ticket")

    def __init__(self, ticket: int, logs: dict[PartitionLog, list[Appended]]) -> None:
        self.ticket = ticket
        self.logs = logs
        self.pendings: list[Pending] = [log.begin_commit() for log in logs]
        self.failed: dict[int, OSError] = {}
        self.done = threading.Lock()
        """Held until all of it is synced; cheaper than an event."""
        self.done.acquire()


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
        self.written_ticket = 0
        self.durable_ticket = 0
        self._immediate = durability != "fsync"
        self._post = post
        self.on_slow: Callable[[bool], None] | None = None
        """Called when the disk is found to be slow, and when it is quick again."""
        self._syncer = Syncer(threads, seconds)
        self._seconds: Callable[[], float] = (
            seconds if seconds and durability != "memory" else _no_time
        )
        self._writer = WriteBehind(self._seconds, post, self._finish_writing)
        self._is_slow = False
        self._held: dict[PartitionLog, list[Appended]] = {}
        self._held_bytes = self._waiting_bytes = 0
        """What is held and no job has taken yet; with what the job that is at work writes."""
        self._writing: WriteJob | None = None
        self._queue: SimpleQueue[_Commit | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._commit: _Commit | None = None
        self._is_settling = False
        """Whether callbacks are being called: what they append is committed after them."""
        self._last_ticket = 0
        self._staged: dict[PartitionLog, list[Appended]] = {}
        self._dirty: dict[PartitionLog, list[Appended]] = {}
        self._waiting: dict[int, list[tuple[Appended, Callback]]] = {}
        self._watching: list[Callable[[], None]] = []

    # --- appending

    @property
    def last_ticket(self) -> int:
        return self._last_ticket

    def stage(
        self,
        log: PartitionLog,
        batches: memoryview,
        *,
        now_ms: int,
        leader_epoch: int,
        from_client: bool = True,
        converted: bool = False,
    ) -> Appended:
        if self._waiting_bytes > HELD_LIMIT_BYTES and from_client:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, "The disk does not keep up.")
        appended = log.stage(
            batches,
            now_ms=now_ms,
            leader_epoch=leader_epoch,
            from_client=from_client,
            converted=converted,
        )
        if appended.is_duplicate and appended.last_offset < log.high_watermark:
            return appended
        self._last_ticket = appended.ticket = self._last_ticket + 1
        staged = self._staged.get(log)
        if staged is None:
            self._staged[log] = [appended]
        else:
            staged.append(appended)
        return appended

    def write_staged(self) -> None:
        if not self._staged:
            return
        if self._is_slow:
            self._hold()
            self._begin_writing()
            return
        staged, self._staged = self._staged, {}
        last_ticket = self._last_ticket
        began = self._seconds()
        for log, appends in staged.items():
            written = appends
            try:
                log.write_staged()
            except KafkaError as error:
                written = _lose_unwritten(log, appends, error)
            if written:
                self._dirty.setdefault(log, []).extend(written)
        self.written_ticket = last_ticket
        if self._seconds() - began > SLOW_S:
            self.note_slow(True)
        if not self._is_settling and self._commit is None:
            self._go_on([])

    def append(
        self, log: PartitionLog, batches: memoryview, *, now_ms: int, leader_epoch: int
    ) -> Appended:
        appended = self.stage(
            log, batches, now_ms=now_ms, leader_epoch=leader_epoch, from_client=False
        )
        self.write_own()
        if appended.error is not None:
            raise appended.error
        return appended

    def write_own(self) -> None:
        try:
            self.write_staged()
        except Exception as error:
            self._post(partial(_raise, error))

    # --- writing behind

    def note_slow(self, is_slow: bool) -> None:
        """Have a thread write from now on, or not any more: nothing is held then."""
        self._is_slow = is_slow
        if self.on_slow is not None:
            self.on_slow(is_slow)

    def _hold(self) -> None:
        """Copy what is staged, before its buffers are used again."""
        staged, self._staged = self._staged, {}
        for log, appends in staged.items():
            log.finish_writing = self._wait_for_writing
            size = log.hold_staged()
            self._held_bytes += size
            self._waiting_bytes += size
            self._held.setdefault(log, []).extend(appends)

    def _begin_writing(self) -> None:
        """Have the thread write what is held, if it has nothing to do."""
        if self._writing is not None:
            return
        self._hold()
        if not self._held:
            return
        held, self._held = self._held, {}
        self._writing = job = WriteJob(self._last_ticket, self._held_bytes)
        self._held_bytes = 0
        for log, appends in held.items():
            job.logs[log] = appends
            try:
                writing = log.begin_write()
            except KafkaError as error:
                job.logs[log] = _lose_unwritten(log, appends, error)
            else:
                if writing is not None:
                    job.writings[log] = writing
        self._writer.begin(job)

    def _finish_writing(self, job: WriteJob) -> None:
        """Go on after a job of the thread's."""
        if job is not self._writing:
            return  # Somebody has waited for it.
        self._end_writing(job)
        self._resume(job)

    def _wait_for_writing(self) -> None:
        """Return when the thread does nothing. What follows from that comes later."""
        job = self._writing
        if job is not None:
            job.done.acquire()
            self._end_writing(job)
            self._post(partial(self._resume, job))

    def _end_writing(self, job: WriteJob) -> None:
        """Have the logs know what is written, and what is not."""
        self._writing = None
        self._waiting_bytes -= job.size
        self.written_ticket = job.ticket
        for log, appends in job.logs.items():
            try:
                if log.refusal is not None:
                    raise log.refusal
                if log in job.writings:
                    log.end_write(job.writings[log], job.errors.get(log))
            except KafkaError as error:
                for lost in (appends, self._held.get(log, ()), self._staged.get(log, ())):
                    _lose(lost, error)
            else:
                if appends:
                    self._dirty.setdefault(log, []).extend(appends)

    def _resume(self, job: WriteJob) -> None:
        """Tell who waits that more is written; write and commit what comes next."""
        raised: list[Exception] = []
        watching, self._watching = self._watching, []
        is_nested, self._is_settling = self._is_settling, True
        try:
            _call_all(watching, raised)
            if self._writer.is_quick_again(job) and self._writing is None:
                self._hold()
                self._staged, self._held = self._held, {}
                self._held_bytes = self._waiting_bytes = 0
                self.note_slow(False)
                self.write_staged()
            else:
                self._begin_writing()
        finally:
            self._is_settling = is_nested
        if not is_nested:
            self._go_on(raised)

    # --- waiting

    def is_durable(self, ticket: int) -> bool:
        return ticket <= self.durable_ticket

    def when_durable(self, appended: Appended, callback: Callback) -> None:
        if appended.ticket <= self.durable_ticket:
            callback(appended.error)
        else:
            self._waiting.setdefault(appended.ticket, []).append((appended, callback))

    def when_progress(self, callback: Callable[[], None]) -> None:
        self._watching.append(callback)

    # --- committing

    def flush_all(self) -> None:
        self.write_staged()
        while self._commit is not None or self._writing is not None:
            if self._commit is not None:
                commit = self._commit
                commit.done.acquire()
                self._finish(commit)
            elif self._writing is not None:
                job = self._writing
                job.done.acquire()
                self._finish_writing(job)

    def close(self) -> None:
        self.flush_all()
        self._writer.close()
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None
        self._syncer.close()

    def _go_on(self, raised: list[Exception]) -> None:
        """Commit what is written. What callbacks append meanwhile comes next, not amid them."""
        settled = self.durable_ticket
        self._is_settling = True
        try:
            while self._commit is None and settled < self.written_ticket:
                if self._dirty and not self._immediate:
                    self._begin()
                else:
                    settled = self._show(raised)
        finally:
            self._is_settling = False
        if raised:
            raise raised[0]  # Somebody else's, and nobody else's concern: commits go on.

    def _show(self, raised: list[Exception]) -> int:
        """Settle all that is written: what is dirty needs no sync, the rest was lost.

        Return the last ticket of it.
        """
        ticket = self.written_ticket
        logs, self._dirty = self._dirty, {}
        for log in logs:
            try:
                log.commit()
            except Exception as error:
                raised.append(error)
        self._settle(ticket, raised)
        return ticket

    def _begin(self) -> None:
        """Hand what is dirty to the committer; what is written from now on comes next."""
        logs, self._dirty = self._dirty, {}
        commit = _Commit(self.written_ticket, logs)
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
            commit.done.release()
            try:
                self._post(partial(self._finish, commit))
            except RuntimeError:
                return  # The owner's loop is closed.

    def _finish(self, commit: _Commit) -> None:
        """Settle the tickets of a commit, and begin the next."""
        if commit is not self._commit:
            return  # Settled by flush_all.
        self._commit = None
        self._is_settling = True
        raised: list[Exception] = []
        try:
            for number, (log, pending) in enumerate(zip(commit.logs, commit.pendings, strict=True)):
                try:
                    self._end(log, pending, commit.failed.get(number))
                except Exception as error:
                    raised.append(error)
                if log.refusal is not None:
                    _lose(commit.logs[log], log.refusal)
                    _lose(self._dirty.pop(log, ()), log.refusal)
            self._settle(commit.ticket, raised)
        finally:
            self._is_settling = False
        self._go_on(raised)

    def _end(self, log: PartitionLog, pending: Pending, error: OSError | None) -> None:
        if error is None:
            log.end_commit(pending)
        else:
            log.fail(KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, str(error)))

    def _settle(self, ticket: int, raised: list[Exception]) -> None:
        """Call back who waits for tickets up to this one."""
        self.durable_ticket = max(ticket, self.durable_ticket)
        calls: list[Callable[[], None]] = []
        for number in sorted(number for number in self._waiting if number <= ticket):
            for appended, callback in self._waiting.pop(number):
                calls.append(partial(callback, appended.error))
        calls += self._watching
        self._watching = []
        _call_all(calls, raised)


def _call_all(calls: Iterable[Callable[[], None]], raised: list[Exception]) -> None:
    for call in calls:
        try:
            call()
        except Exception as error:
            raised.append(error)


def _no_time() -> float:
    return 0.0


def _lose(appends: Iterable[Appended], error: KafkaError) -> None:
    for appended in appends:
        appended.error = error


def _lose_unwritten(
    log: PartitionLog, appends: list[Appended], error: KafkaError
) -> list[Appended]:
    """Fail what the log has taken back; return what a roll had written before."""
    end = -1 if log.refusal is not None else log.end_offset
    _lose((appended for appended in appends if appended.last_offset >= end), error)
    return [appended for appended in appends if appended.last_offset < end]


def _raise(error: Exception) -> None:
    raise error
