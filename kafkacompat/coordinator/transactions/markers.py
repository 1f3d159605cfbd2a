"""Markers: the control batches that end a transaction in each of its partitions."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from kafkacompat.coordinator.transactions.state import V2, TopicIndex
from kafkacompat.metadata.internal_topics import OFFSETS_TOPIC
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.records.control import build_end_txn_batch
from kafkacompat_storage.appended import Appended

if TYPE_CHECKING:
    from kafkacompat.broker import Node


class Marker(NamedTuple):
    """What a marker says, and by which version's rules its epoch is checked."""

    producer_id: int
    epoch: int
    commit: bool
    coordinator_epoch: int
    version: int


def stage_marker(node: "Node", partition: TopicIndex, marker: Marker) -> Appended | None:
    """Append a marker; the journal's `write_own` must follow.

    Return None if it is there already. With version 2 each transaction has an epoch of its own:
    a marker that finds its epoch in use by an open transaction is of an earlier one, and one
    that finds nothing open has been written before (KIP-890, KAFKA-19999).

    It goes to whichever node leads the partition.

    Errors: those of `Partitions.find`; INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED.
    """
    found = node.members.partition(*partition)
    known = found.log.producers.producers.get(marker.producer_id)
    if marker.version >= V2 and known is not None and known.epoch == marker.epoch:
        if known.first_offset < 0:
            return None
        raise KafkaError(
            ErrorCode.INVALID_PRODUCER_EPOCH, f"epoch {marker.epoch} is that of an open transaction"
        )
    now_ms = node.clock.wall_ms()
    batch = build_end_txn_batch(
        commit=marker.commit,
        producer_id=marker.producer_id,
        producer_epoch=marker.epoch,
        coordinator_epoch=marker.coordinator_epoch,
        timestamp_ms=now_ms,
    )
    return node.journal.stage(
        found.log,
        memoryview(batch),
        now_ms=now_ms,
        leader_epoch=found.leader_epoch,
        from_client=False,
    )


def marker_is_durable(node: "Node", partition: TopicIndex, marker: Marker) -> None:
    """A marker can be lost no more: offsets that waited for it count now."""
    topic, index = partition
    leader = node.members.leading(topic, index)
    if topic == OFFSETS_TOPIC and leader is not None:
        leader.groups.transaction_ended(index, marker.producer_id, committed=marker.commit)


class MarkerRound:
    """Writes one marker to many partitions, and tells which of them it could not reach.

    `done(failed)` is called once all are durable or have failed; who fails is worth another try.
    A partition that is gone needs no marker, nor does one where a later coordinator was quicker.
    """

    GIVEN_UP = frozenset(
        {
            ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
            ErrorCode.INVALID_PRODUCER_EPOCH,
            ErrorCode.TRANSACTION_COORDINATOR_FENCED,
        }
    )

    def __init__(self, node: "Node", marker: Marker) -> None:
        self._node = node
        self._marker = marker
        self.failed: dict[TopicIndex, KafkaError] = {}
        self.refused: dict[TopicIndex, KafkaError] = {}
        self._left = 0

    def write(self, partitions: list[TopicIndex], done: "Callable[[MarkerRound], None]") -> None:
        """Append to all of them in one turn."""
        self._left = 1
        appends = []
        for partition in partitions:
            try:
                appended = stage_marker(self._node, partition, self._marker)
            except KafkaError as error:
                place = self.refused if error.code in self.GIVEN_UP else self.failed
                place[partition] = error
                continue
            appends.append((partition, appended))
        journal = self._node.journal
        journal.write_own()
        for partition, appended in appends:
            if appended is None:
                marker_is_durable(self._node, partition, self._marker)
                continue
            self._left += 1
            journal.when_durable(appended, partial(self._settled, partition, done))
        self._one_less(done)

    def _settled(
        self,
        partition: TopicIndex,
        done: "Callable[[MarkerRound], None]",
        error: KafkaError | None,
    ) -> None:
        if error is None:
            marker_is_durable(self._node, partition, self._marker)
        else:
            self.failed[partition] = error
        self._one_less(done)

    def _one_less(self, done: "Callable[[MarkerRound], None]") -> None:
        self._left -= 1
        if not self._left:
            done(self)
