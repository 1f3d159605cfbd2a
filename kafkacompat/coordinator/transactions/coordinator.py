"""The coordinator of transactions: their shards, the ids they need, the markers they write."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from kafkacompat.config import keys
from kafkacompat.coordinator.outcome import Write
from kafkacompat.coordinator.runtime import Coordinator, EncodedRecord
from kafkacompat.coordinator.transactions.markers import Marker, MarkerRound
from kafkacompat.coordinator.transactions.shard import TransactionShard
from kafkacompat.coordinator.transactions.state import TopicIndex, TxnStatus
from kafkacompat.coordinator.transactions.transaction import (
    Answered,
    Identity,
    TransactionSettings,
    WriteMarkers,
)
from kafkacompat.metadata.commands import NewTopic
from kafkacompat.metadata.features import TRANSACTION_FEATURE
from kafkacompat.metadata.internal_topics import TRANSACTION_TOPIC
from kafkacompat.partitions.partition import Partition
from kafkacompat.server.reply import Reply
from kafkacompat_protocol.coordinator_records.framing import encode_key, encode_value
from kafkacompat_protocol.errors import ErrorCode, KafkaError

if TYPE_CHECKING:
    from kafkacompat.broker import Node

MARKER_RETRY_MS = 100
"""After how long markers are tried again that could not be written."""


class TransactionCoordinator(Coordinator[TransactionShard]):
    """The coordinator of all transactional ids of this node."""

    topic = TRANSACTION_TOPIC
    records = "transaction"

    def __init__(self, node: "Node") -> None:
        super().__init__(node)
        get = node.config.get
        self._settings = TransactionSettings(
            max_timeout_ms=get(keys.TRANSACTION_MAX_TIMEOUT_MS),
            expiration_ms=get(keys.TRANSACTIONAL_ID_EXPIRATION_MS),
        )
        self._on_complete: dict[str, list[Callable[[], None]]] = {}

    @property
    def version(self) -> int:
        """The version of transactions that the cluster has settled on."""
        return self.node.image.features.get(TRANSACTION_FEATURE, 0)

    def encode(self, write: Write) -> EncodedRecord:
        value = write.value
        version = 1 if self.version else 0  # tags are not for brokers before 3.9
        return encode_key(write.key), None if value is None else encode_value(value, version)

    def new_topic(self) -> NewTopic:
        get = self.node.config.get
        return NewTopic(
            TRANSACTION_TOPIC,
            partitions=get(keys.TRANSACTION_TOPIC_PARTITIONS),
            replication_factor=self.replicas(get(keys.TRANSACTION_TOPIC_REPLICATION_FACTOR)),
            configs={
                "compression.type": "uncompressed",
                "cleanup.policy": "compact",
                "segment.bytes": str(max(1 << 20, get(keys.TRANSACTION_TOPIC_SEGMENT_BYTES))),
                "unclean.leader.election.enable": "false",
            },
        )

    def new_shard(self, partition: Partition) -> TransactionShard:
        return TransactionShard(partition, self._settings)

    def shard(self, transactional_id: str) -> TransactionShard:
        """Return the shard of an id, loaded.

        Errors: INVALID_REQUEST (the empty id), and those of `shard_of`.
        """
        if not transactional_id:
            raise KafkaError(ErrorCode.INVALID_REQUEST)
        return self.shard_of(transactional_id)

    # --- requests that other handlers make on a producer's behalf

    def add(
        self,
        transactional_id: str,
        producer: Identity,
        partitions: frozenset[TopicIndex],
        client_version: int,
    ) -> Reply:
        """Include partitions in a transaction; the reply is `Answered`.

        Errors: as `shard`; answered: those of `Transaction.add`.
        """
        shard = self.shard(transactional_id)
        reply = Reply()
        wall_ms = self.node.clock.wall_ms()
        transaction = shard.transaction(transactional_id)
        outcome = transaction.add(producer, partitions, client_version, wall_ms, reply)
        self.run(shard, outcome, transactional_id)
        return reply

    def holds(self, transactional_id: str, producer: Identity, partition: TopicIndex) -> ErrorCode:
        """Whether a partition is in the producer's open transaction. Errors: as `shard`."""
        transaction = self.shard(transactional_id).transaction(transactional_id)
        return transaction.holds(producer, partition)

    def is_ending(self, transactional_id: str) -> bool:
        """Whether an id's transaction is being completed just now. Errors: as `shard`."""
        state = self.shard(transactional_id).transaction(transactional_id).state
        return state is not None and state.status.is_ending

    def when_complete(self, transactional_id: str, callback: Callable[[], None]) -> None:
        """Call back when the transaction that is ending just now is complete."""
        self._on_complete.setdefault(transactional_id, []).append(callback)

    def stop_waiting(self, transactional_id: str, callback: Callable[[], None]) -> None:
        """Forget who waits for a transaction to be complete."""
        waiting = self._on_complete.get(transactional_id, [])
        if callback in waiting:
            waiting.remove(callback)
        if not waiting:
            self._on_complete.pop(transactional_id, None)

    # --- markers

    def perform(self, shard: TransactionShard, effect: Any) -> None:
        assert isinstance(effect, WriteMarkers)
        self._write_markers(shard, effect, sorted(effect.state.partitions))

    def _write_markers(
        self, shard: TransactionShard, effect: WriteMarkers, partitions: list[TopicIndex]
    ) -> None:
        state = effect.state
        marker = Marker(
            producer_id=state.producer_id,
            epoch=state.epoch,
            commit=state.status is TxnStatus.PREPARE_COMMIT,
            coordinator_epoch=shard.partition.leader_epoch,
            version=state.client_version,
        )
        MarkerRound(self.node, marker).write(partitions, partial(self._marked, shard, effect))

    def _marked(self, shard: TransactionShard, effect: WriteMarkers, done: MarkerRound) -> None:
        """Complete the transaction, or try again where a marker could not be written."""
        if not shard.is_loaded:
            return  # Whoever loads it goes on.
        if done.failed:
            again = partial(self._try_again, shard, effect, sorted(done.failed))
            self.node.timers.after(MARKER_RETRY_MS, again)
            return
        name = effect.transactional_id
        found = shard.transactions.get(name)
        if found is None:
            return
        outcome = found.markers_written(effect.state, self.node.clock.wall_ms())
        self.run(shard, outcome, name)
        for callback in self._on_complete.pop(name, ()):
            callback()

    def _try_again(
        self, shard: TransactionShard, effect: WriteMarkers, partitions: list[TopicIndex]
    ) -> None:
        if shard.is_loaded and not self.node.is_stopping:
            self._write_markers(shard, effect, partitions)


def refusal_of(answered: Answered, *, fenced_is_known: bool) -> ErrorCode:
    """Return an answer's code for a request; older ones know no PRODUCER_FENCED (KIP-588)."""
    if answered.code is ErrorCode.PRODUCER_FENCED and not fenced_is_known:
        return ErrorCode.INVALID_PRODUCER_EPOCH
    return answered.code
