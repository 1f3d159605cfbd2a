"""The transactional ids of one partition of `__transaction_state`."""

import logging
from typing import Any

from kafkacompat.coordinator.outcome import Outcome
from kafkacompat.coordinator.shard import Shard
from kafkacompat.coordinator.transactions.state import read_state
from kafkacompat.coordinator.transactions.transaction import Transaction, TransactionSettings
from kafkacompat.partitions.partition import Partition

log = logging.getLogger("kafkacompat.coordinator")


class TransactionShard(Shard):
    """The transactional ids whose state one partition holds."""

    def __init__(self, partition: Partition, settings: TransactionSettings) -> None:
        super().__init__(partition)
        self.settings = settings
        self.transactions: dict[str, Transaction] = self.machines

    def transaction(self, transactional_id: str) -> Transaction:
        """Return what is known of an id; one that is new is kept with its first record."""
        return self.transactions.get(transactional_id) or Transaction(
            transactional_id, self.settings
        )

    def load(self, key: Any, value: Any, offset: int, now_ms: int) -> None:
        transactional_id = key.transactional_id
        if value is None:
            self.transactions.pop(transactional_id, None)
            return
        try:
            state = read_state(value)
        except ValueError as error:
            log.error("Skipped a record of transactional id %r: %s", transactional_id, error)
            return
        found = self.transactions.get(transactional_id)
        if found is None:
            found = self.transactions[transactional_id] = self.transaction(transactional_id)
        found.replay(state, now_ms)

    def written(self, key: Any, value: Any, offset: int, now_ms: int) -> bool:
        self.load(key, value, offset, now_ms)
        return True

    def loaded(self, now_ms: int, wall_ms: int) -> list[tuple[str, Outcome]]:
        return [
            (name, transaction.resume(now_ms, wall_ms))
            for name, transaction in list(self.transactions.items())
        ]
