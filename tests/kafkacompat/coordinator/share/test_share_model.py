"""A share-partition against a model that keeps an entry for each offset, by random histories.

The model knows no runs: a list of offsets, each with a state, a count, an owner and a deadline.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kafkacompat.coordinator.outcome import Outcome, Write
from kafkacompat.coordinator.share.acknowledging import Acknowledgement
from kafkacompat.coordinator.share.acquiring import Extent, Wanted
from kafkacompat.coordinator.share.records import SharePartitionId
from kafkacompat.coordinator.share.share_partition import ShareLimits, SharePartition
from kafkacompat.coordinator.share.window import (
    ACKNOWLEDGED,
    ACQUIRED,
    ARCHIVED,
    AVAILABLE,
    RecordState,
)
from kafkacompat_protocol.errors import KafkaError

WHICH = SharePartitionId("g", bytes(16), 0)
LIMITS = ShareLimits(
    lock_duration_ms=100, delivery_count_limit=8, max_record_locks=40, updates_per_snapshot=3
)
BATCH = 5
END = 200
LIMIT, LOCK_MS = LIMITS.delivery_count_limit, LIMITS.lock_duration_ms
GAP, ACCEPT, RELEASE, REJECT, RENEW = range(5)
OUTCOMES = {GAP: ARCHIVED, ACCEPT: ACKNOWLEDGED, REJECT: ARCHIVED}


@dataclass
class Entry:
    state: RecordState = AVAILABLE
    count: int = 0
    member: str | None = None
    until_ms: int = 0

    def release(self) -> None:
        self.state = AVAILABLE if self.count < LIMIT else ARCHIVED
        self.member, self.until_ms = None, 0


@dataclass
class Model:
    """What is true of each offset that was given to somebody."""

    entries: dict[int, Entry] = field(default_factory=dict)

    def start(self) -> int:
        offset = 0
        while offset in self.entries and self.entries[offset].state >= ACKNOWLEDGED:
            offset += 1
        return offset

    def acquire(self, member: str, first: int, last: int, count: int, now_ms: int) -> None:
        for offset in range(first, last + 1):
            entry = self.entries.setdefault(offset, Entry())
            assert entry.state == AVAILABLE, f"{offset} is with {entry.member}, {entry.state!r}"
            assert entry.count + 1 == count <= LIMIT
            entry.state, entry.count = ACQUIRED, count
            entry.member, entry.until_ms = member, now_ms + LOCK_MS

    def may_acknowledge(self, member: str, batch: Acknowledgement) -> bool:
        start = self.start()
        if batch.last < start:
            return True
        return all(
            offset in self.entries
            and self.entries[offset].state == ACQUIRED
            and self.entries[offset].member == member
            for offset in range(max(start, batch.first), batch.last + 1)
        )

    def acknowledge(self, batch: Acknowledgement, now_ms: int) -> None:
        start = self.start()
        for offset in range(batch.first, batch.last + 1):
            verdicts = batch.verdicts
            verdict = verdicts[0 if len(verdicts) == 1 else offset - batch.first]
            if offset < start:
                continue
            entry = self.entries[offset]
            if verdict == RENEW:
                entry.until_ms = now_ms + LOCK_MS
            elif verdict == RELEASE:
                entry.release()
            else:
                entry.state, entry.member, entry.until_ms = OUTCOMES[verdict], None, 0

    def take_back(self, which: Callable[[Entry], bool]) -> None:
        for entry in self.entries.values():
            if entry.state == ACQUIRED and which(entry):
                entry.release()

    def crash(self) -> None:
        for entry in self.entries.values():
            if entry.state == ACQUIRED:
                entry.state, entry.count = AVAILABLE, entry.count - 1
                entry.member, entry.until_ms = None, 0

    def view(self) -> list[tuple[int, RecordState, int, str | None, int]]:
        """Return what the machine should know, offset by offset, to the last that counts."""
        found = [
            (offset, e.state, e.count, e.member, e.until_ms)
            for offset, e in sorted(self.entries.items())
            if offset >= self.start()
        ]
        while found and found[-1][1:3] == (AVAILABLE, 0):
            found.pop()
        return found


def view(machine: SharePartition) -> list[tuple[int, RecordState, int, str | None, int]]:
    assert machine.window is not None
    found = [
        (offset, run.state, run.delivery_count, run.member_id, run.lock_until_ms)
        for run in machine.window.runs
        for offset in range(run.first, run.last + 1)
    ]
    while found and found[-1][1:3] == (AVAILABLE, 0):
        found.pop()
    return found


class History:
    """The machine and the model, which live through the same."""

    def __init__(self) -> None:
        self.model = Model()
        self.now_ms = 0
        self.log: list[Write] = []
        self.machine = SharePartition(WHICH, LIMITS)
        self.run(self.machine.begin(0, 1, None, 0))

    def run(self, outcome: Outcome) -> None:
        for write in outcome.records:
            self.machine.written(write.value)
            self.log.append(write)

    def check(self) -> None:
        window = self.machine.window
        assert window is not None
        assert window.start_offset == self.model.start()
        assert view(self.machine) == self.model.view()
        deadline_ms = self.machine.next_deadline_ms()
        held = [e.until_ms for e in self.model.entries.values() if e.state == ACQUIRED]
        assert not held or (deadline_ms is not None and deadline_ms <= min(held))

    def acquire(self, member: str, count: int, is_strict: bool) -> None:
        window = self.machine.window
        assert window is not None
        offset = window.next_available()
        first = offset - offset % BATCH
        extents = [Extent(at, at + BATCH - 1) for at in range(first, min(END, first + 60), BATCH)]
        wanted = Wanted(count, 1, is_strict)
        found = self.machine.acquire(member, offset, extents, wanted, self.now_ms)
        total = sum(each.last - each.first + 1 for each in found)
        assert total <= (count if is_strict else count + LIMITS.max_record_locks)
        if self.machine.can_acquire(END) and offset < min(END, first + 60):
            assert found
        for each in found:
            self.model.acquire(member, *each, self.now_ms)

    def acknowledge(self, member: str, batch: Acknowledgement) -> None:
        outcome = self.machine.acknowledge(member, [batch], "ticket", self.now_ms, 0)
        ((_, reply),) = outcome.replies
        assert isinstance(reply, KafkaError) != self.model.may_acknowledge(member, batch)
        self.run(outcome)
        if reply is None:
            self.model.acknowledge(batch, self.now_ms)

    def pass_time(self, by_ms: int) -> None:
        self.now_ms += by_ms
        self.run(self.machine.expire(self.now_ms, 0))
        self.model.take_back(lambda entry: entry.until_ms <= self.now_ms)

    def leave(self, member: str) -> None:
        self.run(self.machine.release(member, None, 0))
        self.model.take_back(lambda entry: entry.member == member)

    def crash(self) -> None:
        self.machine = SharePartition(WHICH, LIMITS)
        for write in self.log:
            self.machine.load(write.value)
        self.model.crash()


MEMBERS = st.sampled_from("ab")
STEPS = st.one_of(
    st.tuples(st.just("acquire"), MEMBERS, st.integers(1, 12), st.booleans()),
    st.tuples(
        st.just("acknowledge"),
        MEMBERS,
        st.integers(0, 30),
        st.lists(st.integers(0, 4), min_size=1, max_size=9),
        st.booleans(),
    ),
    st.tuples(st.just("pass_time"), st.integers(0, 120)),
    st.tuples(st.just("leave"), MEMBERS),
    st.tuples(st.just("crash")),
)


@settings(max_examples=300)
@given(st.lists(STEPS, max_size=40))
def test_runs_and_offsets_live_through_the_same(steps: list[tuple[Any, ...]]) -> None:
    history = History()
    for name, *arguments in steps:
        if name == "acknowledge":
            member, back, verdicts, is_one = arguments
            first = max(0, history.model.start() - 2) + back
            last = first + len(verdicts) - 1
            batch = Acknowledgement(first, last, verdicts[:1] if is_one else verdicts)
            history.acknowledge(member, batch)
        else:
            getattr(history, name)(*arguments)
        history.check()
