"""Drives the group machines: appends their records, gives their answers, keeps their time.

A shard is loaded when it is first needed. Between `Outcome` and the answers lies durability:
what a machine decides is answered only when its records cannot be lost any more.
"""

import logging
import secrets
import uuid
from collections.abc import Iterator
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
from kafkacompat_protocol.records.batch import read_batches
from kafkacompat_protocol.records.record import Record, build_records_batch, iterate_records
from kafkacompat_storage.log import Miss

if TYPE_CHECKING:
    from kafkacompat.broker import Node

log = logging.getLogger("kafkacompat.coordinator")

OFFSETS_TOPIC = "__consumer_offsets"
READ_BYTES = 1 << 20
LOAD_AT_ONCE_BYTES = 4 << 20
MAX_BATCH_BYTES = 900_000


class GroupCoordinator:
    """The coordinator of all groups of this node."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self._shards: dict[int, Shard] = {}
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

    def shard(self, group_id: str) -> Shard:
        """Return the shard of a group, loaded.

        Errors: INVALID_GROUP_ID, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS,
        NOT_COORDINATOR.
        """
        if not group_id:
            raise KafkaError(ErrorCode.INVALID_GROUP_ID)
        topic = self._node.image.topics.get(OFFSETS_TOPIC)
        if topic is None:
            raise KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
        return self._shard(java_hash(group_id) % len(topic.partitions))

    def shards(self) -> Iterator[Shard]:
        """Yield every shard, loaded. Errors: as for `shard`."""
        topic = self._node.image.topics.get(OFFSETS_TOPIC)
        for index in topic.partitions if topic is not None else ():
            yield self._shard(index)

    def _shard(self, index: int) -> Shard:
        found = self._shards.get(index)
        if found is None:
            try:
                partition = self._node.partitions.find(OFFSETS_TOPIC, index)
            except KafkaError as error:
                raise KafkaError(ErrorCode.NOT_COORDINATOR, error.message) from None
            found = self._shards[index] = Shard(partition, self._settings)
            if partition.log.size_bytes <= LOAD_AT_ONCE_BYTES:
                for _ in self._load(found):
                    pass
            else:
                self._node.spawn(self._load_slowly(found))
        if not found.is_loaded:
            raise KafkaError(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
        if not found.partition.is_leader:
            raise KafkaError(ErrorCode.NOT_COORDINATOR)
        return found

    # --- loading

    async def _load_slowly(self, shard: Shard) -> None:
        for _ in self._load(shard):
            await self._node.sleep(0)

    def _load(self, shard: Shard) -> Iterator[None]:
        """Read a shard's log piece by piece, then set its groups' timers."""
        partition_log = shard.partition.log
        position, end = partition_log.log_start_offset, partition_log.end_offset
        now_ms = self._node.clock.monotonic_ms()
        while position < end:
            found = partition_log.read(position, READ_BYTES, up_to=end, at_least_one=True)
            if isinstance(found, Miss):
                found.load()
                continue
            content = b"".join(found.buffers)
            for at, header in read_batches(content):
                if not header.is_control and header.last_offset >= position:
                    self._load_batch(shard, content[at : at + header.size], now_ms)
                position = header.next_offset
            yield
        shard.is_loaded = True
        for group in shard.groups.values():
            self._set_timer(shard, group)

    def _load_batch(self, shard: Shard, batch: bytes, now_ms: int) -> None:
        for record in iterate_records(batch):
            if record.key is None:
                continue
            try:
                found = decode_record(record.key, record.value)
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
        if not outcome.records:
            self._give(outcome)
            return
        try:
            tickets = [self._append(shard, part) for part in self._batches(outcome.records)]
        except KafkaError as error:
            self._refuse(outcome, error)
            return

        def durable(error: KafkaError | None) -> None:
            if error is not None:
                self._refuse(outcome, error)
                return
            for write in outcome.records:
                follow_up = shard.apply(write.key, write.value, self._node.clock.monotonic_ms())
                if follow_up.records or follow_up.replies:
                    self.run(shard, follow_up, group)
            self._give(outcome)

        self._node.journal.when_durable(tickets[-1], durable)

    def _batches(self, records: list[Write]) -> Iterator[list[tuple[bytes, bytes | None]]]:
        """Encode records, a batch's worth at a time."""
        part: list[tuple[bytes, bytes | None]] = []
        size = 0
        for write in records:
            key, value = encode_write(write)
            more = len(key) + len(value or b"") + 20
            if part and size + more > MAX_BATCH_BYTES:
                yield part
                part, size = [], 0
            part.append((key, value))
            size += more
        yield part

    def _append(self, shard: Shard, part: list[tuple[bytes, bytes | None]]) -> int:
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
            from_client=False,
        ).ticket

    def _give(self, outcome: Outcome) -> None:
        for ticket, response in outcome.replies:
            assert isinstance(ticket, Reply)
            ticket.resolve(response)

    def _refuse(self, outcome: Outcome, error: KafkaError) -> None:
        """The records could not be kept: nobody may be told that they were."""
        log.error("Could not write group state: %s", error)
        for ticket, _ in outcome.replies:
            assert isinstance(ticket, Reply)
            ticket.resolve(KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE, error.message))

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
        if shard.groups.get(group.group_id) is not group or self._node.is_stopping:
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
        """A topic is gone: so are the offsets that groups committed for it."""
        if topic == OFFSETS_TOPIC or not self.has_topic:
            return
        for shard in list(self._shards.values()):
            if not shard.is_loaded:
                continue
            records = [
                offset_tombstone(group_id, where.topic, where.partition)
                for group_id, where in shard.offsets.of_topic(topic)
            ]
            if records:
                self.run(shard, Outcome(records=records))


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
    return f"{prefix}-{uuid.UUID(bytes=secrets.token_bytes(16), version=4)}"
