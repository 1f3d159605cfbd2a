"""Bugs to plant, one at a time: a guard is taken out, and the simulator must find it.

`plant(name)` is a context manager; outside of it everything is as it was.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from kafkacompat.coordinator.groups.consumer import conversion, group
from kafkacompat.coordinator.groups.pending_offsets import PendingOffsets
from kafkacompat.coordinator.runtime import Coordinator
from kafkacompat.coordinator.share import acknowledging
from kafkacompat.coordinator.share.shard import ShareShard
from kafkacompat.coordinator.transactions import markers
from kafkacompat.coordinator.transactions.transaction import Transaction
from kafkacompat.handlers import produce_transactions
from kafkacompat_protocol.coordinator_records.share.share_update import ShareUpdateKey
from kafkacompat_protocol.errors import ErrorCode, KafkaError

Patch = Any


def _late_batches_are_let_in() -> Patch:
    """Produce no longer asks whether its partition is in the transaction (KIP-890)."""
    return mock.patch.object(produce_transactions, "unopened", return_value={})


def _zombies_are_let_in() -> Patch:
    """The coordinator takes any epoch for its producer's (T4)."""
    refusal = Transaction._refusal

    def lenient(self: Transaction, producer: Any) -> ErrorCode:
        code = refusal(self, producer)
        return ErrorCode.NONE if code is ErrorCode.PRODUCER_FENCED else code

    return mock.patch.object(Transaction, "_refusal", lenient)


def _answers_do_not_wait() -> Patch:
    """Answers are given when records are written, not when they are durable (D1)."""
    append_all = Coordinator._append_all

    def hasty(self: Any, shard: Any, outcome: Any, name: str) -> None:
        replies, outcome.replies = outcome.replies, []
        append_all(self, shard, outcome, name)
        for ticket, response in replies:
            ticket.resolve(response)

    return mock.patch.object(Coordinator, "_append_all", hasty)


def _offsets_do_not_wait() -> Patch:
    """Who asks for stable offsets is told the old one while a transaction is open (KIP-447)."""
    return mock.patch.object(PendingOffsets, "is_pending", return_value=False)


def _a_decided_transaction_is_forgotten() -> Patch:
    """After a restart nobody writes the markers that are still missing (Redpanda #6018)."""
    resume = Transaction.resume

    def forgetful(self: Transaction, now_ms: int, wall_ms: int) -> Any:
        outcome = resume(self, now_ms, wall_ms)
        outcome.effects.clear()
        return outcome

    return mock.patch.object(Transaction, "resume", forgetful)


def _markers_of_any_epoch_are_written() -> Patch:
    """A marker that was written before is refused when it is written again (KAFKA-19999)."""
    stage_marker = markers.stage_marker

    def strict(node: Any, partition: Any, marker: Any) -> Any:
        known = node.partitions.find(*partition).log.producers.producers.get(marker.producer_id)
        if known is not None and known.epoch == marker.epoch:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, "as a broker that is too strict")
        return stage_marker(node, partition, marker)

    return mock.patch.object(markers, "stage_marker", strict)


def _partitions_are_given_before_they_are_free() -> Patch:
    """A member gets its target though another still has to give it back (KIP-848)."""
    reconcile = group.reconcile

    def hasty(member: Any, target: Any, epoch: int, is_taken: Any, owned: Any) -> Any:
        return reconcile(member, target, epoch, lambda place: False, owned)

    return mock.patch.object(group, "reconcile", hasty)


def _nobody_is_asked_to_give_back() -> Patch:
    """A member moves on to its target though it has not given anything back."""
    reconcile = group.reconcile

    def trusting(member: Any, target: Any, epoch: int, is_taken: Any, owned: Any) -> Any:
        return reconcile(member, target, epoch, is_taken, member.assigned & target)

    return mock.patch.object(group, "reconcile", trusting)


def _a_converted_group_forgets_who_has_what() -> Patch:
    """Members of a classic group that becomes a consumer group are thought to have nothing."""
    return mock.patch.object(conversion, "_assigned", return_value=frozenset())


def _anybody_acknowledges() -> Patch:
    """A member has a say in records that were taken from it, and that another has (KIP-932)."""
    judge = acknowledging.judge

    def lax(window: Any, member_id: str, batches: Any, limit: int) -> Any:
        changes, renewed = [], []
        for batch in batches:
            owners = {run.member_id for run in window.between(batch.first, batch.last)}
            more = judge(window, owners.pop() if len(owners) == 1 else member_id, [batch], limit)
            changes += more[0]
            renewed += more[1]
        return changes, renewed

    return mock.patch.object(acknowledging, "judge", lax)


def _acknowledgements_are_forgotten() -> Patch:
    """After a restart only snapshots of share-partitions are read, not what came since."""
    load = ShareShard.load

    def forgetful(self: Any, key: Any, value: Any, offset: int, now_ms: int) -> None:
        if not isinstance(key, ShareUpdateKey):
            load(self, key, value, offset, now_ms)

    return mock.patch.object(ShareShard, "load", forgetful)


@dataclass(frozen=True, slots=True)
class Bug:
    """A guard that can be taken out, and the story that misses it."""

    story: str
    patch: Callable[[], Patch]


BUGS: dict[str, Bug] = {
    "late batches are let in": Bug("transactions", _late_batches_are_let_in),
    "zombies are let in": Bug("transactions", _zombies_are_let_in),
    "answers do not wait for durability": Bug("transactions", _answers_do_not_wait),
    "offsets do not wait for the marker": Bug("transactions", _offsets_do_not_wait),
    "a decided transaction is forgotten": Bug("transactions", _a_decided_transaction_is_forgotten),
    "partitions are given before they are free": Bug(
        "groups", _partitions_are_given_before_they_are_free
    ),
    "nobody is asked to give back": Bug("groups", _nobody_is_asked_to_give_back),
    "a converted group forgets who has what": Bug(
        "groups", _a_converted_group_forgets_who_has_what
    ),
    "anybody acknowledges": Bug("share", _anybody_acknowledges),
    "acknowledgements are forgotten": Bug("share", _acknowledgements_are_forgotten),
    "a marker is written once or never": Bug("transactions", _markers_of_any_epoch_are_written),
}


@contextmanager
def plant(name: str) -> Iterator[None]:
    """Take a guard out for a while."""
    with BUGS[name].patch():
        yield
