"""Drives the machines of one coordinator: appends their records, gives their answers, keeps time.

A shard is loaded when it is first needed. Between `Outcome` and the answers lies durability:
what a machine decides is answered only when its records cannot be lost any more.
"""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from kafkacompat.clock import Timer
from kafkacompat.coordinator.outcome import Outcome, ProducerOf, Write
from kafkacompat.coordinator.shard import Machine, Shard
from kafkacompat.metadata.commands import NewTopic
from kafkacompat.metadata.internal_topics import COORDINATED_BY
from kafkacompat.partitions.partition import Partition
from kafkacompat.server.reply import Reply
from kafkacompat_protocol.coordinator_records import framing
from kafkacompat_protocol.errors import ErrorCode, KafkaError, WireError
from kafkacompat_protocol.records.batch import BatchHeader
from kafkacompat_protocol.records.control import ControlRecordType, read_control_record
from kafkacompat_protocol.records.record import Record, build_records_batch, iterate_records
from kafkacompat_storage.appended import Appended
from kafkacompat_storage.queries import read_to_end

if TYPE_CHECKING:
    from kafkacompat.broker import Node

log = logging.getLogger("kafkacompat.coordinator")

LOAD_AT_ONCE_BYTES = 4 << 20
MAX_BATCH_BYTES = 900_000
KNOWN_HASHES = 4096
"""Of so many names the hash is kept: every request of a group asks for it."""
S = TypeVar("S", bound=Shard)
C = TypeVar("C", bound="Coordinator[Any]")
EncodedRecord = tuple[bytes, bytes | None]


@dataclass(slots=True)
class _Part:
    """The records of an outcome that go into one batch."""

    writes: list[Write]
    encoded: list[EncodedRecord]
    outcome: Outcome
    is_last: bool
    name: str
    base_offset: int = -1
    has_changed: bool = False
    """Whether its records have changed the state already, so that losing them is not easy."""


class Coordinator(Generic[S]):
    """The shards of one internal topic, as far as this node leads them."""

    topic: ClassVar[str]
    records: ClassVar[framing.Topic]
    """Whose record types are in the topic."""

    def __init__(self, node: "Node") -> None:
        self.node = node
        self._shards: dict[int, S] = {}
        self._loading: dict[int, asyncio.Task[None]] = {}
        self._timers: dict[str, Timer] = {}
        """By the machine's name."""

    def new_topic(self) -> NewTopic:
        """Return the internal topic as it is to be made."""
        raise NotImplementedError

    def new_shard(self, partition: Partition) -> S:
        """Return an empty shard."""
        raise NotImplementedError

    def encode(self, write: Write) -> EncodedRecord:
        """Return a record's key and value as bytes."""
        raise NotImplementedError

    def perform(self, shard: S, effect: Any) -> None:
        """Do what an outcome asks for, now that its records are durable."""
        raise NotImplementedError

    # --- where the state is

    @property
    def has_topic(self) -> bool:
        """Whether the internal topic exists."""
        return self.topic in self.node.image.topics

    async def ensure_topic(self) -> None:
        """Make the internal topic if it is not there. Errors: KAFKA_STORAGE_ERROR."""
        try:
            await self.node.controller.create_topic(self.new_topic())
        except KafkaError as error:
            if error.code is not ErrorCode.TOPIC_ALREADY_EXISTS:
                raise

    def index_of(self, name: str) -> int:
        """Return the partition that holds a machine. Errors: COORDINATOR_NOT_AVAILABLE."""
        topic = self.node.image.topics.get(self.topic)
        if topic is None:
            raise KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
        return java_hash(name) % len(topic.partitions)

    def shard_of(self, name: str) -> S:
        """Return the shard that holds a machine, loaded.

        Errors: COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS, NOT_COORDINATOR.
        """
        return self.shard_at(self.index_of(name))

    def shards(self) -> Iterator[S]:
        """Yield every shard that has any state, loaded. Errors: as for `shard_of`."""
        for index in self._with_state():
            yield self.shard_at(index)

    def loaded_shards(self) -> list[S]:
        """Return the shards that are loaded."""
        return [shard for shard in self._shards.values() if shard.is_loaded]

    def _with_state(self) -> list[int]:
        """Return the partitions led here that hold something; others need not be opened."""
        topic = self.node.image.topics.get(self.topic)
        size_of, node_id = self.node.store.size_of, self.node.node_id
        return [
            index
            for index, state in (topic.partitions.items() if topic is not None else ())
            if state.leader == node_id and (index in self._shards or size_of(self.topic, index))
        ]

    def shard_at(self, index: int) -> S:
        """Return the shard of a partition, loaded. Errors: as for `shard_of`."""
        found = self._shards.get(index)
        if found is None:
            found = self._open(index)
        if not found.partition.is_leader:
            raise KafkaError(ErrorCode.NOT_COORDINATOR)
        if not found.is_loaded:
            raise KafkaError(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
        return found

    def at(self: C, name: str) -> C:
        """Return the coordinator of a machine, on whichever node it is.

        Errors: COORDINATOR_NOT_AVAILABLE.
        """
        found = self.node.members.leading(self.topic, self.index_of(name))
        if found is None:
            raise KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
        return self._on(found)

    def everywhere(self: C) -> list[C]:
        """Return the coordinators of this kind on all nodes."""
        return [self._on(node) for node in self.node.members.nodes.values()]

    def _on(self: C, node: "Node") -> C:
        found: C = self if node is self.node else getattr(node, COORDINATED_BY[self.topic])
        return found

    def replicas(self, wanted: int) -> int:
        """Return how many replicas the internal topic is to have: not more than brokers live."""
        return max(1, min(len(self.node.members.nodes), wanted))

    # --- loading

    def _open(self, index: int) -> S:
        try:
            partition = self.node.partitions.find(self.topic, index)
        except KafkaError as error:
            raise KafkaError(ErrorCode.NOT_COORDINATOR, error.message) from None
        if partition.log.high_watermark < partition.log.end_offset:
            # Left by a shard that was dropped: what of it will stay is not known yet.
            raise KafkaError(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
        shard = self._shards[index] = self.new_shard(partition)
        if partition.log.size_bytes <= LOAD_AT_ONCE_BYTES:
            self._load_at_once(index, shard)
        else:
            self._loading[index] = self.node.spawn(self._load_slowly(index, shard))
        return shard

    def _load_at_once(self, index: int, shard: S) -> None:
        try:
            for _ in self._load(shard):
                pass
        except KafkaError as error:
            del self._shards[index]  # so that it is tried again
            log.error("Could not load %s-%d: %s", self.topic, index, error)
            raise KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE, error.message) from error

    async def _load_slowly(self, index: int, shard: S) -> None:
        try:
            for _ in self._load(shard):
                await self.node.sleep(0)
                if self._shards.get(index) is not shard:
                    return  # It is led elsewhere by now.
        except KafkaError as error:
            if self._shards.get(index) is shard:
                del self._shards[index]
            log.error("Could not load %s-%d: %s", self.topic, index, error)
        finally:
            if self._loading.get(index) is asyncio.current_task():
                del self._loading[index]

    async def load_all(self) -> None:
        """Load every shard that has any state, as far as that is possible."""
        for index in self._with_state():
            try:
                self.shard_at(index)
            except KafkaError:
                if index in self._loading:
                    await asyncio.wait([self._loading[index]])

    def _load(self, shard: S) -> Iterator[None]:
        """Read a shard's log piece by piece, then have its machines go on."""
        partition_log = shard.partition.log
        now_ms = self.node.clock.monotonic_ms()
        position = partition_log.log_start_offset
        while position < partition_log.high_watermark:  # others' markers may come meanwhile
            for piece in read_to_end(partition_log, position):
                for header, batch in piece:
                    position = header.next_offset
                    if header.is_control:
                        _load_marker(shard, header, batch)
                    else:
                        self._load_batch(shard, header, batch, now_ms)
                yield
        shard.is_loaded = True
        self.after_load(shard)

    def _load_batch(self, shard: S, header: BatchHeader, batch: bytes, now_ms: int) -> None:
        for record in iterate_records(batch):
            if record.key is None:
                continue
            try:
                found = framing.decode_record(self.records, record.key, record.value)
            except WireError as error:
                log.error("Skipped offset %d of %s: %s", record.offset, self.topic, error)
                continue
            if found.key is None:
                continue
            if header.is_transactional:
                shard.pending(header.producer_id, found.key, found.value, record.offset)
            else:
                shard.load(found.key, found.value, record.offset, now_ms)

    def after_load(self, shard: S) -> None:
        """Have the machines of a shard go on where its log ends."""
        clock = self.node.clock
        for name in list(shard.machines):
            self.set_timer(shard, name)
        for name, outcome in shard.loaded(clock.monotonic_ms(), clock.wall_ms()):
            self.run(shard, outcome, name)

    # --- running

    def run(self, shard: S, outcome: Outcome, name: str = "") -> None:
        """Append an outcome's records; when they are durable perform its effects and answer.

        `name` is that of the machine it comes from, whose timer is set.
        """
        if not shard.partition.is_leader:
            _give(outcome, KafkaError(ErrorCode.NOT_COORDINATOR))
            return
        try:
            self._append_all(shard, outcome, name)
        finally:
            if name:
                self.set_timer(shard, name)

    def _append_all(self, shard: S, outcome: Outcome, name: str) -> None:
        if not outcome.records:
            self._finish_after(shard, outcome)
            return
        for part in self._parts(outcome, name):
            try:
                appended = self._append(shard, part)
            except KafkaError as error:
                self._refuse(shard, part, error)
                return
            self.node.journal.when_durable(appended, partial(self._settle, shard, part))

    def _append(self, shard: S, part: _Part) -> Appended:
        """Append a batch, and let the shard know. Errors: as `Journal.append`."""
        clock = self.node.clock
        wall_ms, producer = clock.wall_ms(), part.outcome.producer
        appended = self.node.journal.append(
            shard.partition.log,
            memoryview(_build_batch(part.encoded, wall_ms, producer)),
            now_ms=wall_ms,
            leader_epoch=shard.partition.leader_epoch,
        )
        part.base_offset = appended.base_offset
        if producer is not None:
            part.has_changed = True
            for offset, write in enumerate(part.writes, part.base_offset):
                shard.pending(producer.producer_id, write.key, write.value, offset)
            return appended
        shard.begin(part.writes)
        now_ms = clock.monotonic_ms()
        for offset, write in enumerate(part.writes, part.base_offset):
            if shard.written(write.key, write.value, offset, now_ms):
                part.has_changed = True
                shard.newest = appended
        return appended

    def _settle(self, shard: S, part: _Part, error: KafkaError | None) -> None:
        """Apply what has become durable; with the last of an outcome come its answers."""
        in_transaction = part.outcome.producer is not None
        if not in_transaction:
            shard.end(part.writes)
        if error is not None:
            self._refuse(shard, part, error)
            return
        now_ms = self.node.clock.monotonic_ms()
        for offset, write in enumerate(() if in_transaction else part.writes, part.base_offset):
            follow_up = shard.apply(write.key, write.value, offset, now_ms)
            if follow_up.records or follow_up.replies:
                self.run(shard, follow_up, part.name)
        if part.is_last:
            self._finish(shard, part.outcome)

    def _parts(self, outcome: Outcome, name: str) -> list[_Part]:
        """Encode records, a batch's worth at a time."""
        parts = [_Part([], [], outcome, False, name)]
        size = 0
        for write in outcome.records:
            key, value = self.encode(write)
            more = len(key) + len(value or b"") + 20
            if size and size + more > MAX_BATCH_BYTES:
                parts.append(_Part([], [], outcome, False, name))
                size = 0
            parts[-1].writes.append(write)
            parts[-1].encoded.append((key, value))
            size += more
        parts[-1].is_last = True
        return parts

    def _finish_after(self, shard: S, outcome: Outcome) -> None:
        """Answer what was decided on a state that may not be durable yet, when it is."""
        journal, newest = self.node.journal, shard.newest
        if newest is None or journal.is_durable(newest.ticket):
            self._finish(shard, outcome)
            return

        def settled(error: KafkaError | None) -> None:
            if error is None:
                self._finish(shard, outcome)
            else:
                _give(outcome, KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE, error.message))

        journal.when_durable(newest, settled)

    def _finish(self, shard: S, outcome: Outcome) -> None:
        for effect in outcome.effects:
            self.perform(shard, effect)
        _give(outcome)

    def _refuse(self, shard: S, part: _Part, error: KafkaError) -> None:
        """The records could not be kept: nobody may be told that they were."""
        log.error("Could not write to %s: %s", self.topic, error)
        _give(part.outcome, KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE, error.message))
        if part.has_changed:
            self._drop(shard)
            return
        now_ms = self.node.clock.monotonic_ms()
        for write in part.outcome.records:
            name, follow_up = shard.lost(write.key, write.value, now_ms)
            if name:
                self.run(shard, follow_up, name)

    # --- time

    def set_timer(self, shard: S, name: str) -> None:
        """Have a machine woken when it has something to do, never later; drop a blank one."""
        machine: Machine | None = shard.machines.get(name)
        if machine is None or machine.is_blank:
            self.forget(shard, name)
            return
        at_ms = machine.next_deadline_ms()
        timer = self._timers.get(name)
        if timer is not None and timer.callback is not None:
            if at_ms is not None and timer.at_ms <= at_ms:
                return
            timer.cancel()
        self._timers.pop(name, None)
        if at_ms is not None:
            self._timers[name] = self.node.timers.at(at_ms, partial(self._expire, shard, name))

    def _expire(self, shard: S, name: str) -> None:
        self._timers.pop(name, None)
        machine: Machine | None = shard.machines.get(name)
        if machine is None or not shard.is_loaded or not shard.partition.is_leader:
            return
        clock = self.node.clock
        self.run(shard, machine.expire(clock.monotonic_ms(), clock.wall_ms()), name)

    # --- ending

    def transaction_ended(self, index: int, producer_id: int, *, committed: bool) -> None:
        """A producer's marker in a partition is durable. What is not loaded finds it there."""
        shard = self._shards.get(index)
        if shard is not None and shard.is_loaded:
            shard.transaction_ended(producer_id, committed=committed)

    def forget(self, shard: S, name: str) -> None:
        """Drop a machine that was deleted."""
        shard.machines.pop(name, None)
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()

    def topic_removed(self, topic: str) -> None:
        """A topic is gone; with the internal one goes all that is coordinated here."""
        if topic == self.topic:
            self.resign()

    def partition_moved(self, topic: str, index: int) -> None:
        """A partition has another leader, or another epoch: what was loaded of it is not ours."""
        shard = self._shards.get(index) if topic == self.topic else None
        if shard is not None and not shard.partition.is_leader:
            self._drop(shard)

    def reload(self, name: str) -> None:
        """Forget the shard that holds a machine: as if it had moved away and back.

        Errors: as for `shard_of`.
        """
        self._drop(self.shard_of(name))

    def resign(self) -> None:
        """Coordinate no more: answer all who wait, and forget what was loaded."""
        for shard in list(self._shards.values()):
            self._drop(shard)

    def _drop(self, shard: S) -> None:
        """Forget a shard; whoever needs it next loads it from the log."""
        index = shard.partition.index
        if self._shards.get(index) is shard:
            del self._shards[index]
        shard.is_loaded = False
        for name, machine in list(shard.machines.items()):
            self.forget(shard, name)
            _give(machine.abandoned(ErrorCode.NOT_COORDINATOR))


def _load_marker(shard: Shard, header: BatchHeader, batch: bytes) -> None:
    if not header.record_count:
        return  # Compaction left it: the whole transaction is gone.
    kind = read_control_record(batch).type
    if kind in (ControlRecordType.ABORT, ControlRecordType.COMMIT):
        shard.transaction_ended(header.producer_id, committed=kind == ControlRecordType.COMMIT)


def _build_batch(
    encoded: list[EncodedRecord], now_ms: int, producer: ProducerOf | None
) -> bytearray:
    records = [
        Record(offset=index, timestamp=now_ms, key=key, value=value)
        for index, (key, value) in enumerate(encoded)
    ]
    if producer is None:
        return build_records_batch(records)
    return build_records_batch(
        records,
        producer_id=producer.producer_id,
        producer_epoch=producer.epoch,
        is_transactional=True,
    )


def _give(outcome: Outcome, instead: KafkaError | None = None) -> None:
    for ticket, response in outcome.replies:
        assert isinstance(ticket, Reply)
        ticket.resolve(response if instead is None else instead)


@lru_cache(KNOWN_HASHES)
def java_hash(text: str) -> int:
    """Return Java's String.hashCode made positive, by which groups are spread over partitions."""
    value = 0
    raw = text.encode("utf-16-be", "surrogatepass")
    for high, low in zip(raw[::2], raw[1::2], strict=True):
        value = (31 * value + (high << 8 | low)) & 0xFFFFFFFF
    signed = value - (1 << 32) if value >= 1 << 31 else value
    return 0 if signed == -(1 << 31) else abs(signed)
