"""A transactional id on a table: requests in, answers out, markers on demand, time as a number."""

from itertools import count
from typing import Any

from kafkacompat.coordinator.outcome import Outcome, Write
from kafkacompat.coordinator.transactions.shard import TransactionShard
from kafkacompat.coordinator.transactions.state import V0, V2, TxnState
from kafkacompat.coordinator.transactions.transaction import (
    NOBODY,
    Answered,
    Identity,
    Transaction,
    TransactionSettings,
    WriteMarkers,
)
from kafkacompat_protocol.errors import ErrorCode

SETTINGS = TransactionSettings(max_timeout_ms=900_000, expiration_ms=604_800_000)
WALL_MS = 1_700_000_000_000
FIRST_ID = 1_000


class Ledger:
    """One transactional id with its records; every request is answered at once."""

    def __init__(self, *, version: int = V2) -> None:
        self.version = version
        self.shard = TransactionShard(None, SETTINGS)  # type: ignore[arg-type]
        self.now_ms = 0
        self.records: list[Write] = []
        self.markers: list[WriteMarkers] = []
        """Those that are still to be written."""
        self._ids = count(FIRST_ID)

    @property
    def transaction(self) -> Transaction:
        return self.shard.transaction("x")

    @property
    def state(self) -> TxnState:
        found = self.transaction.state
        assert found is not None
        return found

    @property
    def wall_ms(self) -> int:
        return WALL_MS + self.now_ms

    def take(self, outcome: Outcome) -> Any:
        """Write an outcome's records and return its answer."""
        for write in outcome.records:
            self.records.append(write)
            self.shard.written(write.key, write.value, len(self.records), self.now_ms)
        self.markers += outcome.effects
        return outcome.replies[0][1] if outcome.replies else None

    def init(
        self, claimed: Identity = NOBODY, *, timeout_ms: int = 60_000, has_id: bool = True
    ) -> Answered:
        needs = self.transaction.needs_producer_id() and has_id
        new_id = next(self._ids) if needs else -1
        found: Answered = self.take(
            self.transaction.init(timeout_ms, claimed, new_id, self.wall_ms, "t")
        )
        return found

    def add(self, producer: Identity, *indexes: int) -> ErrorCode:
        partitions = frozenset(("t", index) for index in indexes or (0,))
        outcome = self.transaction.add(producer, partitions, self.version, self.wall_ms, "t")
        found: Answered = self.take(outcome)
        return found.code

    def end(self, producer: Identity, *, commit: bool = True, has_id: bool = True) -> Answered:
        needs = self.transaction.needs_producer_id() and has_id
        found: Answered = self.take(
            self.transaction.end(
                producer,
                commit=commit,
                client_version=self.version,
                new_producer_id=next(self._ids) if needs else -1,
                wall_ms=self.wall_ms,
                ticket="t",
            )
        )
        return found

    def complete(self) -> None:
        """Have every marker written that is still to be."""
        markers, self.markers = self.markers, []
        for effect in markers:
            self.take(self.transaction.markers_written(effect.state, self.wall_ms))

    def pass_time(self, by_ms: int) -> None:
        """Advance, and do what is due then."""
        self.now_ms += by_ms
        due_ms = self.transaction.next_deadline_ms()
        if due_ms is not None and due_ms <= self.now_ms:
            self.take(self.transaction.expire(self.now_ms, self.wall_ms))

    def restart(self, *, after_ms: int = 0) -> None:
        """Forget all but the records, and load them."""
        self.now_ms += after_ms
        self.markers = []
        self.shard = TransactionShard(None, SETTINGS)  # type: ignore[arg-type]
        for offset, write in enumerate(self.records):
            self.shard.load(write.key, write.value, offset, self.now_ms)
        for _, outcome in self.shard.loaded(self.now_ms, self.wall_ms):
            self.take(outcome)

    def wear_out(self) -> Identity:
        """Have the id's epochs used up but for the last that a client gets."""
        producer = self.init().producer
        write = TxnState(
            producer_id=producer.producer_id,
            epoch=32_766,
            timeout_ms=60_000,
            updated_ms=self.wall_ms,
            client_version=self.version,
        ).write("x")
        self.take(Outcome(records=[write]))
        return Identity(producer.producer_id, 32_766)


V1_CLIENT = V0
