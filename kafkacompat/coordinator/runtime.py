"""Drives the group machines: appends their records, gives their answers, keeps their time.

A shard is loaded when it is first needed. Between `Outcome` and the answers lies durability:
what a machine decides is answered only when its records cannot be lost any more.
"""

import asyncio
import logging
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from kafkacompat.clock import Timer
from kafkacompat.config import keys
from kafkacompat.coordinator.groups.classic import ClassicGroup, GroupSettings
from kafkacompat.coordinator.groups.records import encode_write, offset_tombstone
from kafkacompat.coordinator.outcome import Outcome, Write
from kafkacompat.coordinator.shard import Shard
from kafkacompat.metadata.commands import NewTopic
from kafkacompat.server.reply import Reply
from kafkacompat_protocol.coordinator_records.framing import decode_record
from kafkacompat_protocol.errors import ErrorCode, KafkaError, WireError
from kafkacompat_protocol.records.record import Record, build_records_batch, iterate_records
from kafkacompat_storage.appended import Appended
from kafkacompat_storage.directory_ids import random_uuid
from kafkacompat_storage.queries import read_to_end

if TYPE_CHECKING:
    from kafkacompat.broker import Node

log = logging.getLogger("kafkacompat.coordinator")

OFFSETS_TOPIC = "__consumer_offsets"
LOAD_AT_ONCE_BYTES = 4 << 20
MAX_BATCH_BYTES = 900_000
MAX_MEMBER_ID_PREFIX = 8_000
"""Characters; with what is added, a member id fits a record's string of 32,767 bytes."""


class GroupCoordinator:
    """The coordinator of all groups of this node."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self._shards: dict[int, Shard] = {}
        self._loading: dict[int, asyncio.Task[None]] = {}
        self._timers: dict[str, Timer] = {}
        get = node.config.get
        self._settings = GroupSettings(
            initial_rebalance_delay_ms=get(keys.GROUP_INITIAL_REBALANCE_DELAY_MS),
            min_session_timeout_ms=get(keys.GROUP_MIN_SESSION_TIMEOUT_MS),
            max_session_timeout_ms=get(keys.GROUP_MAX_SESSION_TIMEOUT_MS),
            max_size=get(keys.GROUP_MAX_SIZE),
        )

    # --- where a group's state is

    @property
    def has_topic(self) -> bool:
        """Whether __consumer_offsets exists."""
        return OFFSETS_TOPIC in self._node.image.topics

    async def ensure_topic(self) -> None:
        """Make __consumer_offsets if it is not there. Errors: KAFKA_STORAGE_ERROR."""
        get = self._node.config.get
        wanted = NewTopic(
            OFFSETS_TOPIC,
            partitions=get(keys.OFFSETS_TOPIC_PARTITIONS),
            replication_factor=1,
            configs={
                "compression.type": "producer",
                "cleanup.policy": "compact",
                "segment.bytes": str(max(1 << 20, get(keys.OFFSETS_TOPIC_SEGMENT_BYTES))),
            },
        )
        try:
            await self._node.controller.create_topic(wanted)
        except KafkaError as error:
            if error.code is not ErrorCode.TOPIC_ALREADY_EXISTS:
                raise

    def shard(self, group_id: str, *, may_be_empty: bool = False) -> Shard:
        """Return the shard of a group, loaded. The empty id is good for offsets only.

        Errors: INVALID_GROUP_ID, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS,
        NOT_COORDINATOR.
        """
        if not group_id and not may_be_empty:
            raise KafkaError(ErrorCode.INVALID_GROUP_ID)
        topic = self._node.image.topics.get(OFFSETS_TOPIC)
        if topic is None:
            raise KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
        return self._shard(java_hash(group_id) % len(topic.partitions))

    def shards(self) -> Iterator[Shard]:
        """Yield every shard that has any state, loaded. Errors: as for `shard`."""
        for index in self._with_state():
            yield self._shard(index)

    def _with_state(self) -> list[int]:
        """Return the partitions that hold something; the others need not even be opened."""
        topic = self._node.image.topics.get(OFFSETS_TOPIC)
        size_of = self._node.store.size_of
        return [
            index
            for index in (topic.partitions if topic is not None else ())
            if index in self._shards or size_of(OFFSETS_TOPIC, index)
        ]

    def _shard(self, index: int) -> Shard:
        found = self._shards.get(index)
        if found is None:
            try:
                partition = self._node.partitions.find(OFFSETS_TOPIC, index)
            except KafkaError as error:
                raise KafkaError(ErrorCode.NOT_COORDINATOR, error.message) from None
            found = self._shards[index] = Shard(partition, self._settings)
            if partition.log.size_bytes <= LOAD_AT_ONCE_BYTES:
                self._load_at_once(index, found)
            else:
                self._loading[index] = self._node.spawn(self._load_slowly(index, found))
        if not found.partition.is_leader:
            raise KafkaError(ErrorCode.NOT_COORDINATOR)
        if not found.is_loaded:
            raise KafkaError(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
        return found

    # --- loading

    def _load_at_once(self, index: int, shard: Shard) -> None:
        try:
            for _ in self._load(shard):
                pass
        except KafkaError as error:
            del self._shards[index]  # so that it is tried again
            log.error("Could not load %s-%d: %s", OFFSETS_TOPIC, index, error)
            raise KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE, error.message) from error

    async def _load_slowly(self, index: int, shard: Shard) -> None:
        try:
            for _ in self._load(shard):
                await self._node.sleep(0)
        except KafkaError as error:
            if self._shards.get(index) is shard:
                del self._shards[index]
            log.error("Could not load %s-%d: %s", OFFSETS_TOPIC, index, error)
        finally:
            self._loading.pop(index, None)

    async def load_all(self) -> None:
        """Load every shard that has any state, as far as that is possible."""
        for index in self._with_state():
            try:
                self._shard(index)
            except KafkaError:
                if index in self._loading:
                    await asyncio.wait([self._loading[index]])

    def _load(self, shard: Shard) -> Iterator[None]:
        """Read a shard's log piece by piece, then set its groups' timers."""
        partition_log = shard.partition.log
        now_ms = self._node.clock.monotonic_ms()
        for piece in read_to_end(partition_log, partition_log.log_start_offset):
            for header, batch in piece:
                if not header.is_control:
                    self._load_batch(shard, batch, now_ms)
            yield
        shard.is_loaded = True
        for group in shard.groups.values():
            self._set_timer(shard, group)
        topics = self._node.image.topics
        for topic in shard.offsets.topics() - topics.keys():
            self._drop_offsets(shard, topic)  # its deletion was cut short

    def _load_batch(self, shard: Shard, batch: bytes, now_ms: int) -> None:
        for record in iterate_records(batch):
            if record.key is None:
                continue
            try:
                found = decode_record("group", record.key, record.value)
            except WireError as error:
                log.error("Skipped offset %d of %s: %s", record.offset, OFFSETS_TOPIC, error)
                continue
            if found.key is not None:
                shard.load(found.key, found.value, now_ms)

    # --- running

    def run(self, shard: Shard, outcome: Outcome, group: ClassicGroup | None = None) -> None:
        """Append an outcome's records, give its answers when they are durable, set the timer."""
        if group is not None:
            self._set_timer(shard, group)
            if group.is_blank and shard.groups.get(group.group_id) is group:
                self.forget(shard, group.group_id)
        if not outcome.records:
            self._give(outcome)
            return
        batches = list(self._batches(outcome.records))
        for writes, encoded in batches:
            is_last = writes is batches[-1][0]
            try:
                appended = self._append(shard, encoded)
            except KafkaError as error:
                self._refuse(shard, outcome, error)
                return
            shard.offsets.begin(writes)
            settle = partial(self._settle, shard, writes, outcome if is_last else None, group)
            self._node.journal.when_durable(appended, settle)

    def _settle(
        self,
        shard: Shard,
        writes: list[Write],
        outcome: Outcome | None,
        group: ClassicGroup | None,
        error: KafkaError | None,
    ) -> None:
        """Apply what has become durable; with the last of an outcome come its answers."""
        shard.offsets.end(writes)
        if error is None:
            for write in writes:
                follow_up = shard.apply(write.key, write.value, self._node.clock.monotonic_ms())
                if follow_up.records or follow_up.replies:
                    self.run(shard, follow_up, group)
        if outcome is None:
            return
        if error is None:
            self._give(outcome)
        else:
            self._refuse(shard, outcome, error)

    def _batches(
        self, records: list[Write]
    ) -> Iterator[tuple[list[Write], list[tuple[bytes, bytes | None]]]]:
        """Encode records, a batch's worth at a time."""
        writes: list[Write] = []
        part: list[tuple[bytes, bytes | None]] = []
        size = 0
        for write in records:
            key, value = encode_write(write)
            more = len(key) + len(value or b"") + 20
            if part and size + more > MAX_BATCH_BYTES:
                yield writes, part
                writes, part, size = [], [], 0
            writes.append(write)
            part.append((key, value))
            size += more
        yield writes, part

    def _append(self, shard: Shard, part: list[tuple[bytes, bytes | None]]) -> Appended:
        now_ms = self._node.clock.wall_ms()
        batch = build_records_batch(
            [
                Record(offset=index, timestamp=now_ms, key=key, value=value)
                for index, (key, value) in enumerate(part)
            ]
        )
        return self._node.journal.append(
            shard.partition.log,
            memoryview(batch),
            now_ms=now_ms,
            leader_epoch=shard.partition.leader_epoch,
        )

    def _give(self, outcome: Outcome) -> None:
        for ticket, response in outcome.replies:
            assert isinstance(ticket, Reply)
            ticket.resolve(response)

    def _refuse(self, shard: Shard, outcome: Outcome, error: KafkaError) -> None:
        """The records could not be kept: nobody may be told that they were."""
        log.error("Could not write group state: %s", error)
        for ticket, _ in outcome.replies:
            assert isinstance(ticket, Reply)
            ticket.resolve(KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE, error.message))
        now_ms = self._node.clock.monotonic_ms()
        for write in outcome.records:
            group, follow_up = shard.lost(write.key, write.value, now_ms)
            if group is not None:
                self.run(shard, follow_up, group)

    def _set_timer(self, shard: Shard, group: ClassicGroup) -> None:
        """Have the group woken when it has something to do; never later than that."""
        at_ms = group.next_deadline_ms()
        timer = self._timers.get(group.group_id)
        if timer is not None and timer.callback is not None:
            if at_ms is not None and timer.at_ms <= at_ms:
                return
            timer.cancel()
        self._timers.pop(group.group_id, None)
        if at_ms is not None:
            self._timers[group.group_id] = self._node.timers.at(
                at_ms, lambda: self._expire(shard, group)
            )

    def _expire(self, shard: Shard, group: ClassicGroup) -> None:
        self._timers.pop(group.group_id, None)
        if shard.groups.get(group.group_id) is not group or not shard.partition.is_leader:
            return
        clock = self._node.clock
        self.run(shard, group.expire(clock.monotonic_ms(), clock.wall_ms()), group)

    # --- what else happens to groups

    def forget(self, shard: Shard, group_id: str) -> None:
        """Drop a group that was deleted."""
        shard.groups.pop(group_id, None)
        timer = self._timers.pop(group_id, None)
        if timer is not None:
            timer.cancel()

    def topic_removed(self, topic: str) -> None:
        """A topic is gone: so are the offsets that groups committed for it.

        Shards that are not loaded find out when they are.
        """
        if topic == OFFSETS_TOPIC:
            self.resign()
            return
        for shard in list(self._shards.values()):
            if shard.is_loaded:
                self._drop_offsets(shard, topic)

    async def before_topic(self, topic: str) -> None:
        """A topic is about to be made: offsets of an earlier one of its name must be gone."""
        await self.load_all()
        self.topic_removed(topic)

    def _drop_offsets(self, shard: Shard, topic: str) -> None:
        records = [
            offset_tombstone(group_id, where.topic, where.partition)
            for group_id, where in shard.offsets.of_topic(topic)
        ]
        if records:
            self.run(shard, Outcome(records=records))

    def resign(self) -> None:
        """Coordinate no more: answer all who wait in a group, and forget what was loaded."""
        shards, self._shards = self._shards, {}
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        for shard in shards.values():
            for group in shard.groups.values():
                self._give(group.abandoned(ErrorCode.NOT_COORDINATOR))


def java_hash(text: str) -> int:
    """Return Java's String.hashCode made positive, by which groups are spread over partitions."""
    value = 0
    raw = text.encode("utf-16-be", "surrogatepass")
    for high, low in zip(raw[::2], raw[1::2], strict=True):
        value = (31 * value + (high << 8 | low)) & 0xFFFFFFFF
    signed = value - (1 << 32) if value >= 1 << 31 else value
    return 0 if signed == -(1 << 31) else abs(signed)


def new_member_id(prefix: str) -> str:
    """Return a member id that nobody else has."""
    prefix = prefix[:MAX_MEMBER_ID_PREFIX]
    raw = random_uuid().hex()
    return f"{prefix}-{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}"
