"""A partition of a topic as one share group sees it: which records are with whom.

Sans-I/O. Members acquire records for a time; what they say of them is written before they are
told that it is. Acquisitions are not written: after a crash the records are available, as they
were before. `written` is called for each record of an outcome, `load` for each record of the log.

Spec: KIP-932; KIP-1222 (renewals), KIP-1226 (delivery complete count).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from kafkacompat.coordinator.outcome import Outcome, Ticket, Write, answer
from kafkacompat.coordinator.share import acknowledging, acquiring
from kafkacompat.coordinator.share.acknowledging import Acknowledgement
from kafkacompat.coordinator.share.acquiring import Acquired, Extent, Terms, Wanted
from kafkacompat.coordinator.share.records import (
    Epochs,
    SharePartitionId,
    read_batches,
    snapshot_record,
    tombstone,
    update_record,
)
from kafkacompat.coordinator.share.window import ACQUIRED, Run, Window
from kafkacompat_protocol.coordinator_records.share.share_snapshot import ShareSnapshotValue
from kafkacompat_protocol.coordinator_records.share.share_update import ShareUpdateValue
from kafkacompat_protocol.errors import ErrorCode, KafkaError

RETRY_MS = 1_000
"""When what could not be written of expired locks is tried again."""


@dataclass(frozen=True, slots=True)
class ShareLimits:
    """What is configured, for the broker or the group."""

    lock_duration_ms: int = 30_000
    delivery_count_limit: int = 5
    max_record_locks: int = 2_000
    updates_per_snapshot: int = 500
    may_renew: bool = True


class Wake(NamedTuple):
    """An effect: records of a share-partition can be acquired that could not before."""

    name: str


class SharePartition:
    """The state machine of one share-partition. Times are monotonic, but for `wall_ms`."""

    def __init__(self, which: SharePartitionId, limits: ShareLimits) -> None:
        self.which = which
        self.limits = limits
        self.window: Window | None = None
        """None until it is decided where the group begins."""
        self.epochs = Epochs()
        self._created_ms = -1
        self._updates = 0
        self._earliest_ms: int | None = None
        """No lock ends before."""
        self._retry_ms = 0
        self._prepared: tuple[Any, Window | None, Epochs] | None = None
        """A record's value, and what is true once it is written."""

    # --- what a machine has

    @property
    def is_blank(self) -> bool:
        return self.window is None

    def next_deadline_ms(self) -> int | None:
        if self._earliest_ms is None or self.window is None:
            return None
        return max(self._earliest_ms, self._retry_ms)

    def expire(self, now_ms: int, wall_ms: int) -> Outcome:
        """Take back what members have had for too long."""
        if self.window is None:
            return Outcome()
        held = [run for run in self.window.runs if run.state == ACQUIRED]
        overdue = [run for run in held if run.lock_until_ms <= now_ms]
        self._find_earliest()
        self._retry_ms = now_ms + RETRY_MS if overdue else 0
        return self._take_back(overdue, None, wall_ms)

    def abandoned(self, code: ErrorCode) -> Outcome:
        return Outcome()

    # --- where the group begins

    def begin(
        self, start_offset: int, leader_epoch: int, ticket: Ticket | None, wall_ms: int
    ) -> Outcome:
        """Decide where the group begins, or begins anew: nobody has any record then."""
        state_epoch = self.epochs.state + 1 if self.window is not None else 0
        epochs = Epochs(self.epochs.snapshot + 1, state_epoch, leader_epoch)
        self._created_ms = wall_ms
        return self._outcome(self._snapshot(Window(start_offset), epochs, wall_ms), ticket)

    def delete(self, ticket: Ticket | None) -> Outcome:
        """Forget everything."""
        self._prepared = (None, None, Epochs())
        return self._outcome(tombstone(self.which), ticket)

    def snapshot(self, wall_ms: int) -> Outcome:
        """Write all of it, so that nothing that was written before is needed."""
        if self.window is None:
            return Outcome()
        epochs = self.epochs._replace(snapshot=self.epochs.snapshot + 1)
        return Outcome(records=[self._snapshot(self.window, epochs, wall_ms)])

    def settle(self, log_start_offset: int, log_end_offset: int) -> None:
        """Let go of what the log does not have: before its start, or lost from its end."""
        window = self.window
        if window is None:
            return
        if log_end_offset < window.end_offset:
            window.cut_after(log_end_offset)
        if log_start_offset > window.start_offset:
            window.cut_before(log_start_offset)
            window.trim()

    # --- members

    def acquire(
        self,
        member_id: str,
        from_offset: int,
        extents: Iterable[Extent],
        wanted: Wanted,
        now_ms: int,
    ) -> list[Acquired]:
        """Give a member records of batches that were read from an offset on.

        Nothing of it is written.
        """
        if self.window is None:
            return []
        limits = self.limits
        lock_until_ms = now_ms + limits.lock_duration_ms
        terms = Terms(
            member_id, lock_until_ms, limits.delivery_count_limit, limits.max_record_locks
        )
        acquired = acquiring.acquire(self.window, from_offset, extents, wanted, terms)
        if acquired:
            self._hold_until(lock_until_ms)
        return acquired

    def can_acquire(self, end_offset: int) -> bool:
        """Whether there may be something for a member, if the log can be read up to an offset."""
        window = self.window
        if window is None:
            return False
        offset = window.next_available()
        has_room = window.in_flight < self.limits.max_record_locks
        return offset < end_offset and (has_room or offset < window.end_offset)

    def acknowledge(
        self,
        member_id: str,
        batches: Sequence[Acknowledgement],
        ticket: Ticket,
        now_ms: int,
        wall_ms: int,
    ) -> Outcome:
        """Take in what a member says of records that it has: all of it, or nothing.

        The answer is None. Errors: INVALID_REQUEST, INVALID_RECORD_STATE.
        """
        try:
            acknowledging.check(batches, may_renew=self.limits.may_renew)
            window = self.window or Window(0)
            limit = self.limits.delivery_count_limit
            changes, renewed = acknowledging.judge(window, member_id, batches, limit)
        except KafkaError as error:
            return answer(ticket, error)
        lock_until_ms = now_ms + self.limits.lock_duration_ms
        for run in renewed:
            window.replace([run._replace(lock_until_ms=lock_until_ms)])
            self._hold_until(lock_until_ms)
        return self._change(changes, ticket, wall_ms)

    def release(self, member_id: str, ticket: Ticket | None, wall_ms: int) -> Outcome:
        """Take back all that a member has."""
        runs = self.window.runs if self.window is not None else []
        held = [run for run in runs if run.state == ACQUIRED and run.member_id == member_id]
        return self._take_back(held, ticket, wall_ms)

    def _take_back(self, runs: Iterable[Run], ticket: Ticket | None, wall_ms: int) -> Outcome:
        limit = self.limits.delivery_count_limit
        changes = [acknowledging.released(run, limit) for run in runs]
        return self._change(changes, ticket, wall_ms)

    def _find_earliest(self) -> None:
        runs = self.window.runs if self.window is not None else []
        held = (run.lock_until_ms for run in runs if run.state == ACQUIRED)
        self._earliest_ms = min(held, default=None)

    def _hold_until(self, lock_until_ms: int) -> None:
        if self._earliest_ms is None or lock_until_ms < self._earliest_ms:
            self._earliest_ms = lock_until_ms

    # --- what is written

    def _change(self, changes: list[Run], ticket: Ticket | None, wall_ms: int) -> Outcome:
        if not changes or self.window is None:
            outcome = Outcome()
            outcome.reply(ticket, None)
            return outcome
        after = self.window.copy()
        for group in _neighbours(changes):
            after.replace(group)
        after.trim()
        epochs = self.epochs
        if self._updates >= self.limits.updates_per_snapshot:
            epochs = epochs._replace(snapshot=epochs.snapshot + 1)
            return self._outcome(self._snapshot(after, epochs, wall_ms), ticket)
        write = update_record(self.which, epochs, after, changes)
        self._prepared = (write.value, after, epochs)
        return self._outcome(write, ticket)

    def _snapshot(self, window: Window, epochs: Epochs, wall_ms: int) -> Write:
        write = snapshot_record(self.which, epochs, window, self._created_ms, wall_ms)
        self._prepared = (write.value, window, epochs)
        return write

    def _outcome(self, write: Write, ticket: Ticket | None) -> Outcome:
        outcome = Outcome(records=[write], effects=[Wake(self.which.name)])
        outcome.reply(ticket, None)
        return outcome

    def written(self, value: Any) -> None:
        """Take in a record of our own: what it says is true from now on."""
        prepared, self._prepared = self._prepared, None
        assert prepared is not None
        assert prepared[0] is value, "records are written as they were decided"
        self.window, self.epochs = prepared[1:]
        self._updates = self._updates + 1 if isinstance(value, ShareUpdateValue) else 0
        if self._retry_ms:
            self._retry_ms = 0
            self._find_earliest()

    def load(self, value: Any) -> None:
        """Take in a record of the log."""
        if isinstance(value, ShareSnapshotValue):
            self.epochs = Epochs(value.snapshot_epoch, value.state_epoch, value.leader_epoch)
            self._created_ms = value.create_timestamp
            self._updates = 0
            # Kafka writes -1 before it has decided where the group begins.
            self.window = Window(value.start_offset) if value.start_offset >= 0 else None
            self._load_runs(read_batches(value.state_batches))
        elif isinstance(value, ShareUpdateValue):
            self.epochs = self.epochs._replace(leader=value.leader_epoch)
            self._updates += 1
            if self.window is None and value.start_offset >= 0:
                self.window = Window(value.start_offset)
            elif self.window is not None:
                self.window.cut_before(value.start_offset)
            self._load_runs(read_batches(value.state_batches))
        else:
            self.window = None

    def _load_runs(self, runs: list[Run]) -> None:
        window = self.window
        if window is None:
            return
        for run in runs:
            if run.last >= window.start_offset:
                window.fill(run.first)
                _replace(window, run.clipped(window.start_offset, run.last))
        window.trim()


def _replace(window: Window, run: Run) -> None:
    """Say something of a run that may begin in the window and end behind it."""
    if run.first < window.end_offset <= run.last:
        window.replace([run.clipped(run.first, window.end_offset - 1)])
        run = run.clipped(window.end_offset, run.last)
    window.replace([run])


def _neighbours(runs: list[Run]) -> Iterable[list[Run]]:
    """Yield runs, in order, in groups that have no hole."""
    sizes = 0
    keys: list[int] = []
    for run in runs:
        keys.append(run.first - sizes)
        sizes += run.size
    for _, group in groupby(zip(keys, runs, strict=True), key=lambda pair: pair[0]):
        yield [run for _, run in group]
