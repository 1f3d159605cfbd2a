"""What a transactional id's record says, as a value; and which states may follow which."""

from dataclasses import dataclass, replace
from enum import IntEnum

from kafkacompat.coordinator.outcome import Write
from kafkacompat_protocol.coordinator_records.transaction.transaction_log import (
    TransactionLogKey,
    TransactionLogPartitions,
    TransactionLogValue,
)

NO_PRODUCER_ID = NO_EPOCH = NO_TIMESTAMP = -1
MAX_EPOCH = 32_767
V0, V1, V2 = 0, 1, 2
"""Versions of transactions: V2 bumps the epoch with each one (KIP-890)."""

TopicIndex = tuple[str, int]
"""A partition: its topic's name and its index."""


class TxnStatus(IntEnum):
    """States, by their number in the log."""

    EMPTY = 0
    ONGOING = 1
    PREPARE_COMMIT = 2
    PREPARE_ABORT = 3
    COMPLETE_COMMIT = 4
    COMPLETE_ABORT = 5
    DEAD = 6
    PREPARE_EPOCH_FENCE = 7

    @property
    def title(self) -> str:
        """The name in answers to tools."""
        return "".join(part.capitalize() for part in self.name.split("_"))

    @property
    def is_ending(self) -> bool:
        """Whether markers are still to be written."""
        return self in (TxnStatus.PREPARE_COMMIT, TxnStatus.PREPARE_ABORT)

    @property
    def is_idle(self) -> bool:
        """Whether no transaction is open."""
        return self in (TxnStatus.EMPTY, TxnStatus.COMPLETE_COMMIT, TxnStatus.COMPLETE_ABORT)


_AT_REST = frozenset({TxnStatus.EMPTY, TxnStatus.ONGOING, TxnStatus.PREPARE_ABORT})
LEGAL_MOVES: dict[TxnStatus, frozenset[TxnStatus]] = {
    TxnStatus.EMPTY: _AT_REST,
    TxnStatus.ONGOING: frozenset(
        {TxnStatus.ONGOING, TxnStatus.PREPARE_COMMIT, TxnStatus.PREPARE_ABORT}
    ),
    TxnStatus.PREPARE_COMMIT: frozenset({TxnStatus.COMPLETE_COMMIT}),
    TxnStatus.PREPARE_ABORT: frozenset({TxnStatus.COMPLETE_ABORT}),
    TxnStatus.COMPLETE_COMMIT: _AT_REST,
    TxnStatus.COMPLETE_ABORT: _AT_REST,
    TxnStatus.DEAD: frozenset(),
    TxnStatus.PREPARE_EPOCH_FENCE: frozenset(),
}
"""The last two are of Kafka's log, where they cannot occur: they are in memory only there."""


@dataclass(frozen=True, slots=True)
class TxnState:
    """A transactional id as of its newest record. Times are wall-clock milliseconds."""

    producer_id: int
    epoch: int
    timeout_ms: int
    status: TxnStatus = TxnStatus.EMPTY
    partitions: frozenset[TopicIndex] = frozenset()
    previous_producer_id: int = NO_PRODUCER_ID
    next_producer_id: int = NO_PRODUCER_ID
    """The id that takes over when this transaction is over, as this one's epochs are used up."""
    started_ms: int = NO_TIMESTAMP
    updated_ms: int = NO_TIMESTAMP
    client_version: int = V0

    @property
    def is_exhausted(self) -> bool:
        """Whether no epoch is left to give to a client: the very last one is for fencing."""
        return self.epoch >= MAX_EPOCH - 1

    def move(self, status: TxnStatus, now_ms: int, **changes: object) -> "TxnState":
        """Return the state after this one, along the table of legal moves."""
        assert status in LEGAL_MOVES[self.status], f"{self.status.title} -> {status.title}"
        changes.setdefault("previous_producer_id", self.producer_id)
        return replace(self, status=status, updated_ms=now_ms, **changes)  # type: ignore[arg-type]

    def by_topic(self) -> dict[str, list[int]]:
        """Return the indexes of its partitions, by the name of their topic, sorted."""
        topics: dict[str, list[int]] = {}
        for topic, index in sorted(self.partitions):
            topics.setdefault(topic, []).append(index)
        return topics

    def write(self, transactional_id: str) -> Write:
        """Return the record of this state."""
        value = TransactionLogValue(
            producer_id=self.producer_id,
            previous_producer_id=self.previous_producer_id,
            next_producer_id=self.next_producer_id,
            producer_epoch=self.epoch,
            transaction_timeout_ms=self.timeout_ms,
            transaction_status=self.status,
            transaction_partitions=None
            if self.status is TxnStatus.EMPTY
            else [
                TransactionLogPartitions(topic=topic, partition_ids=indexes)
                for topic, indexes in self.by_topic().items()
            ],
            transaction_last_update_timestamp_ms=self.updated_ms,
            transaction_start_timestamp_ms=self.started_ms,
            client_transaction_version=self.client_version,
        )
        return Write(TransactionLogKey(transactional_id=transactional_id), value)


def read_state(value: TransactionLogValue) -> TxnState:
    """Return the state that a record says. Errors: ValueError for a status that is none."""
    return TxnState(
        producer_id=value.producer_id,
        epoch=value.producer_epoch,
        timeout_ms=value.transaction_timeout_ms,
        status=TxnStatus(value.transaction_status),
        partitions=frozenset(
            (topic.topic, index)
            for topic in value.transaction_partitions or ()
            for index in topic.partition_ids
        ),
        previous_producer_id=value.previous_producer_id,
        next_producer_id=value.next_producer_id,
        started_ms=value.transaction_start_timestamp_ms,
        updated_ms=value.transaction_last_update_timestamp_ms,
        client_version=value.client_transaction_version,
    )
