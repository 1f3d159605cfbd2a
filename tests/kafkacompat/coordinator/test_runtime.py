"""The shell of any machines, shown with counters: each record adds to one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from kafkacompat.coordinator import runtime
from kafkacompat.coordinator.outcome import Outcome, ProducerOf, Write
from kafkacompat.coordinator.runtime import Coordinator, java_hash
from kafkacompat.coordinator.shard import Shard
from kafkacompat.metadata.commands import NewTopic
from kafkacompat.partitions.partition import Partition
from kafkacompat.server.reply import Reply
from kafkacompat_protocol.coordinator_records.framing import encode_key, encode_value
from kafkacompat_protocol.coordinator_records.group.offset_commit import (
    OffsetCommitKey,
    OffsetCommitValue,
)
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.records.control import build_end_txn_batch
from tests.support.clock import FakeClock
from tests.support.node import RunningNode, running_node

NOT_WRITTEN = KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, "no space left")


@pytest.mark.parametrize(
    ("text", "hashed"),
    [("", 0), ("a", 97), ("console-consumer-1", 35_782_224), ("grüppe", 1_233_264_812)],
)
def test_names_are_spread_by_javas_hash(text: str, hashed: int) -> None:
    assert java_hash(text) == hashed


class Counter:
    """A machine: a sum, and perhaps a time at which it adds 100."""

    def __init__(self) -> None:
        self.sum = 0
        self.due_ms: int | None = None
        self.is_blank = False

    def next_deadline_ms(self) -> int | None:
        return self.due_ms

    def expire(self, now_ms: int, wall_ms: int) -> Outcome:
        self.due_ms = None
        return add("c", 100)

    def abandoned(self, code: ErrorCode) -> Outcome:
        return Outcome(replies=[(WAITING, code)])


WAITING = Reply()


class Counters(Shard):
    def load(self, key: Any, value: Any, offset: int, now_ms: int) -> None:
        self.machines.setdefault(key.group, Counter()).sum += value.offset

    def written(self, key: Any, value: Any, offset: int, now_ms: int) -> bool:
        self.load(key, value, offset, now_ms)
        return True

    def pending(self, producer_id: int, key: Any, value: Any, offset: int) -> None:
        self.machines.setdefault(f"pending {producer_id}", Counter()).sum += value.offset

    def transaction_ended(self, producer_id: int, *, committed: bool) -> None:
        ended = self.machines.pop(f"pending {producer_id}")
        self.machines.setdefault("c", Counter()).sum += ended.sum if committed else 0


class Counting(Coordinator[Counters]):
    topic = "__counters"
    records = "group"

    def __init__(self, node: Any) -> None:
        super().__init__(node)
        self.performed: list[Any] = []

    def encode(self, write: Write) -> tuple[bytes, bytes | None]:
        return encode_key(write.key), encode_value(write.value, 3)

    def new_topic(self) -> NewTopic:
        return NewTopic(self.topic, partitions=1, replication_factor=1, configs={})

    def new_shard(self, partition: Partition) -> Counters:
        return Counters(partition)

    def perform(self, shard: Counters, effect: Any) -> None:
        self.performed.append(effect)


def add(name: str, number: int, **more: Any) -> Outcome:
    key = OffsetCommitKey(group=name, topic="", partition=0)
    value = OffsetCommitValue(offset=number, metadata="", commit_timestamp=0)
    return Outcome(records=[Write(key, value)], **more)


@contextmanager
def counting(clock: FakeClock | None = None) -> Iterator[tuple[RunningNode, Counting]]:
    with running_node(clock=clock) as broker:
        made = broker.run(lambda: Counting(broker.node))
        broker.create_topic(Counting.topic)
        yield broker, made


def sums(broker: RunningNode, coordinator: Counting) -> dict[str, int]:
    return broker.run(lambda: {name: c.sum for name, c in coordinator.shard_at(0).machines.items()})


def test_records_change_machines_when_written_and_effects_follow_durability() -> None:
    with counting() as (broker, coordinator):
        shard = broker.run(lambda: coordinator.shard_at(0))
        reply, seen = Reply(), []

        def work() -> None:
            late: list[Any] = []
            when_durable = broker.node.journal.when_durable
            broker.node.journal.when_durable = lambda *args: late.append(args)  # type: ignore
            coordinator.run(shard, add("c", 5, replies=[(reply, "done")], effects=["e"]), "c")
            seen.extend([shard.machines["c"].sum, list(coordinator.performed), reply.is_done])
            broker.node.journal.when_durable = when_durable  # type: ignore
            when_durable(*late[0])
            seen.extend([list(coordinator.performed), reply.is_done])

        broker.run(work)
        assert seen == [5, [], False, ["e"], True]


def test_a_shard_whose_records_are_lost_is_loaded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with counting() as (broker, coordinator):
        shard = broker.run(lambda: coordinator.shard_at(0))
        broker.run(lambda: coordinator.run(shard, add("c", 5), "c"))
        reply = Reply()

        def lose(appended: Any, settle: Any) -> None:
            settle(NOT_WRITTEN)

        monkeypatch.setattr(broker.node.journal, "when_durable", lose)
        truncate = broker.run(lambda: shard.partition.log.end_offset)
        lost = add("c", 7, replies=[(reply, "never")])
        broker.run(lambda: coordinator.run(shard, lost, "c"))
        monkeypatch.undo()
        assert truncate == 1
        results: list[Any] = []
        reply.when_done(results.append)
        assert results[0].code == ErrorCode.COORDINATOR_NOT_AVAILABLE
        assert not shard.is_loaded
        assert WAITING.is_done, "whoever waited was told"
        assert broker.run(lambda: coordinator.shard_at(0)) is not shard


def test_records_of_a_transaction_count_when_its_marker_says_so() -> None:
    with counting() as (broker, coordinator):
        shard = broker.run(lambda: coordinator.shard_at(0))
        for producer_id, number in ((1, 10), (2, 20), (3, 40)):
            outcome = add("c", number, producer=ProducerOf(producer_id, 0))
            broker.run(lambda outcome=outcome: coordinator.run(shard, outcome))
        for producer_id, commit in ((1, True), (2, False)):
            batch = build_end_txn_batch(
                commit=commit,
                producer_id=producer_id,
                producer_epoch=0,
                coordinator_epoch=0,
                timestamp_ms=0,
            )
            broker.run(
                lambda batch=batch: broker.node.journal.append(
                    shard.partition.log, memoryview(batch), now_ms=0, leader_epoch=0
                )
            )
        again = broker.run(lambda: Counting(broker.node))
        assert sums(broker, again) == {"c": 10, "pending 3": 40}


def test_a_machine_is_woken_at_its_deadline() -> None:
    clock = FakeClock()
    with counting(clock) as (broker, coordinator):
        shard = broker.run(lambda: coordinator.shard_at(0))
        shard.machines["c"] = Counter()
        shard.machines["c"].due_ms = clock.monotonic_ms() + 50
        broker.run(lambda: coordinator.run(shard, Outcome(), "c"))
        broker.run(lambda: clock.advance(49))
        assert sums(broker, coordinator) == {"c": 0}
        broker.run(lambda: clock.advance(1))
        assert sums(broker, coordinator) == {"c": 100}


def test_large_outcomes_are_several_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "MAX_BATCH_BYTES", 1)
    with counting() as (broker, coordinator):
        shard = broker.run(lambda: coordinator.shard_at(0))
        both = add("c", 1)
        both.records += add("d", 2).records
        broker.run(lambda: coordinator.run(shard, both))
        assert sums(broker, broker.run(lambda: Counting(broker.node))) == {"c": 1, "d": 2}
