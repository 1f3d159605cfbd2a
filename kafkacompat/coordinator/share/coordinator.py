"""The coordinator of share-partitions: their shards, sessions, and who waits for records.

Members fetch from the node that leads a partition; what a group has done with it is kept where
the partition of __share_group_state is led, which may be another node.
"""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from kafkacompat.config import keys
from kafkacompat.config.keys.share import duration_ms
from kafkacompat.config.values import GroupConfig
from kafkacompat.coordinator.runtime import Coordinator
from kafkacompat.coordinator.share.acknowledging import Acknowledgement
from kafkacompat.coordinator.share.records import SharePartitionId, encode_write
from kafkacompat.coordinator.share.sessions import (
    ShareSession,
    ShareSessions,
    TopicPartitionId,
)
from kafkacompat.coordinator.share.shard import ShareShard
from kafkacompat.coordinator.share.share_partition import ShareLimits, SharePartition, Wake
from kafkacompat.metadata.commands import NewTopic
from kafkacompat.metadata.image import RESOURCE_GROUP
from kafkacompat.metadata.internal_topics import SHARE_STATE_TOPIC
from kafkacompat.partitions.partition import Partition
from kafkacompat.server.reply import Reply
from kafkacompat_protocol.errors import KafkaError
from kafkacompat_storage.queries import find_timestamp

if TYPE_CHECKING:
    from kafkacompat.broker import Node
    from kafkacompat.server.connection import Connection

log = logging.getLogger("kafkacompat.coordinator")

PRUNE_MS = 300_000
"""How often what is not needed any more is removed from the topic, as in Kafka."""


class ShareCoordinator(Coordinator[ShareShard]):
    """The coordinator of all share groups of this node, and the leader of their partitions."""

    topic = SHARE_STATE_TOPIC
    records = "share"
    encode = staticmethod(encode_write)

    def __init__(self, node: "Node") -> None:
        super().__init__(node)
        self.sessions = ShareSessions(node.config.get(keys.GROUP_SHARE_MAX_SHARE_SESSIONS))
        self._waiting: dict[str, dict[object, Callable[[], None]]] = {}
        self._beginning: set[str] = set()
        node.timers.after(PRUNE_MS, self._prune)

    def new_topic(self) -> NewTopic:
        get = self.node.config.get
        return NewTopic(
            SHARE_STATE_TOPIC,
            partitions=get(keys.SHARE_TOPIC_PARTITIONS),
            replication_factor=self.replicas(get(keys.SHARE_TOPIC_REPLICATION_FACTOR)),
            configs={
                "cleanup.policy": "delete",
                "retention.ms": "-1",
                "segment.bytes": str(max(1 << 20, get(keys.SHARE_TOPIC_SEGMENT_BYTES))),
            },
        )

    def new_shard(self, partition: Partition) -> ShareShard:
        return ShareShard(partition)

    def perform(self, shard: ShareShard, effect: Any) -> None:
        assert isinstance(effect, Wake)
        self.wake(effect.name)

    # --- configuration

    def config(self, group_id: str) -> GroupConfig:
        """Return a group's configuration."""
        return GroupConfig(self.node.config, self.node.image.config(RESOURCE_GROUP, group_id))

    def limits(self, group_id: str) -> ShareLimits:
        """Return what is configured for a group's share-partitions."""
        get = self.config(group_id).get
        return ShareLimits(
            lock_duration_ms=get(keys.SHARE_RECORD_LOCK_DURATION_MS),
            delivery_count_limit=get(keys.SHARE_DELIVERY_COUNT_LIMIT),
            max_record_locks=get(keys.SHARE_PARTITION_MAX_RECORD_LOCKS),
            updates_per_snapshot=self.node.config.get(keys.SHARE_UPDATES_PER_SNAPSHOT),
            may_renew=get(keys.SHARE_RENEW_ACKNOWLEDGE_ENABLE),
        )

    # --- share-partitions

    def ready(self, which: SharePartitionId, partition: Partition) -> SharePartition | None:
        """Return a share-partition to acquire from, freed of what its log does not have.

        None if the group only now begins with it: who waits for it is woken when it has.

        Errors: as for `shard_of`.
        """
        found = None
        if self.has_topic:
            found = self.at(which.name).shard_of(which.name).find(which)
        if found is None:
            if which.name not in self._beginning:
                self._beginning.add(which.name)
                self.node.spawn(self._begin(which, partition))
            return None
        found.settle(partition.log.log_start_offset, partition.log.high_watermark)
        return found

    def tend(self, which: SharePartitionId) -> None:
        """Have the locks that were given end in time."""
        home = self.at(which.name)
        home.set_timer(home.shard_of(which.name), which.name)

    async def _begin(self, which: SharePartitionId, partition: Partition) -> None:
        try:
            if not self.has_topic:
                await self.ensure_topic()
            done = Reply()
            done.when_done(partial(self._begun, which))
            self.begin_at(which, partition, self._start_offset(which.group_id, partition), done)
        except KafkaError as error:
            self._begun(which, error)

    def _begun(self, which: SharePartitionId, result: object) -> None:
        if isinstance(result, KafkaError):
            log.warning("Could not begin with %s: %s", which.name, result)
        self._beginning.discard(which.name)
        self.wake(which.name)

    def begin_at(
        self, which: SharePartitionId, partition: Partition, offset: int, done: Reply
    ) -> None:
        """Have a group begin, or begin anew, at an offset: `done` is None, or what went wrong."""
        try:
            home = self.at(which.name)
            shard = home.shard_of(which.name)
        except KafkaError as error:
            done.resolve(error)
            return
        wall_ms = self.node.clock.wall_ms()
        machine = shard.share_partition(which)
        home.run(shard, machine.begin(offset, partition.leader_epoch, done, wall_ms), which.name)

    def _start_offset(self, group_id: str, partition: Partition) -> int:
        strategy = self.config(group_id).get(keys.SHARE_AUTO_OFFSET_RESET)
        if strategy == "latest":
            return partition.log.high_watermark
        if strategy == "earliest":
            return partition.log.log_start_offset
        wanted_ms = max(0, self.node.clock.wall_ms() - duration_ms(strategy))
        found = find_timestamp(partition.log, wanted_ms)
        return partition.log.high_watermark if found is None else found.offset

    def acknowledge(
        self,
        which: SharePartitionId,
        member_id: str,
        batches: Sequence[Acknowledgement],
        limits: ShareLimits,
        done: Reply,
    ) -> None:
        """Take in what a member says of records: `done` is None when that cannot be lost any more.

        Errors: INVALID_REQUEST, INVALID_RECORD_STATE (in `done`); as for `shard_of` (raised).
        """
        home = self.at(which.name)
        shard = home.shard_of(which.name)
        machine = shard.share_partition(which)
        machine.limits = limits
        clock = self.node.clock
        outcome = machine.acknowledge(
            member_id, batches, done, clock.monotonic_ms(), clock.wall_ms()
        )
        home.run(shard, outcome, which.name)

    def delete(self, which: SharePartitionId, done: Reply) -> None:
        """Forget a share-partition: `done` is None, or what went wrong."""
        try:
            home = self.at(which.name)
            shard = home.shard_of(which.name)
        except KafkaError as error:
            done.resolve(error)
            return
        machine = shard.find(which)
        if machine is None:
            done.resolve(None)
        else:
            home.run(shard, machine.delete(done), which.name)

    def of_group(self, group_id: str) -> list[SharePartition]:
        """Return all share-partitions that a group has begun with. Errors: as for `shard_of`."""
        return [
            machine
            for home in self.everywhere()
            for shard in home.shards()
            for machine in shard.share_partitions.values()
            if machine.which.group_id == group_id and not machine.is_blank
        ]

    # --- waiting

    def wait(self, names: Sequence[str], waiter: object, wake: Callable[[], None]) -> None:
        """Have `wake` called whenever records of a share-partition become available again."""
        for name in names:
            self._waiting.setdefault(name, {})[waiter] = wake

    def stop_waiting(self, names: Sequence[str], waiter: object) -> None:
        """Forget a waiter."""
        for name in names:
            waiters = self._waiting.get(name)
            if waiters is not None:
                waiters.pop(waiter, None)
                if not waiters:
                    del self._waiting[name]

    def wake(self, name: str) -> None:
        """Tell all who wait for a share-partition that something changed."""
        for each in self.everywhere():
            for wake in list(each._waiting.get(name, {}).values()):
                wake()

    # --- sessions

    def open_session(self, group_id: str, member_id: str, connection: "Connection") -> ShareSession:
        """Begin a member's session, in place of one that it has.

        Errors: SHARE_SESSION_LIMIT_REACHED.
        """
        self.member_left(group_id, member_id)
        session = self.sessions.open(group_id, member_id, connection)
        connection.when_lost = partial(self._disconnected, connection)
        return session

    def end_session(self, session: ShareSession) -> None:
        """End a session: all that the member has is taken back."""
        if self.sessions.end(session):
            for held in session.held:
                self._take_back(session, held)

    def leads_no_more(self, topic_id: bytes, partition: int) -> None:
        """A partition is led elsewhere: what members have of it through this node is taken back."""
        which = TopicPartitionId(topic_id, partition)
        for session in self.sessions.all():
            if which in session.held:
                del session.held[which]
                self._take_back(session, which)

    def _take_back(self, session: ShareSession, held: TopicPartitionId) -> None:
        which = SharePartitionId(session.group_id, *held)
        try:
            home = self.at(which.name)
            if home.node.is_stopping:
                return  # Whoever coordinates it next does.
            shard = home.shard_of(which.name)
        except KafkaError as error:
            if not self.node.is_stopping:
                log.warning("What %s has waits for its locks to end: %s", session.member_id, error)
            return
        machine = shard.find(which)
        if machine is not None:
            wall_ms = self.node.clock.wall_ms()
            home.run(shard, machine.release(session.member_id, None, wall_ms), which.name)

    def _disconnected(self, connection: "Connection") -> None:
        for session in self.sessions.of_connection(connection):
            self.end_session(session)

    def member_left(self, group_id: str, member_id: str) -> None:
        """A member is no more in its group: its session ends."""
        session = self.sessions.find(group_id, member_id)
        if session is not None:
            self.end_session(session)

    # --- what else happens

    def topic_removed(self, topic: str) -> None:
        """A topic is gone: so is what groups had of it.

        Shards that are not loaded find out when they are.
        """
        super().topic_removed(topic)
        for shard in self.loaded_shards():
            self._delete_orphans(shard)

    def after_load(self, shard: ShareShard) -> None:
        super().after_load(shard)
        self._delete_orphans(shard)

    def _prune(self) -> None:
        self.node.timers.after(PRUNE_MS, self._prune)
        for shard in self.loaded_shards():
            if shard.partition.is_leader:
                self.prune(shard)

    def prune(self, shard: ShareShard) -> None:
        """Remove from the log what is not needed, and have less be needed the next time."""
        partition_log = shard.partition.log
        needed = min(shard.first_needed(), partition_log.high_watermark)
        partition_log.advance_log_start(needed)
        wall_ms = self.node.clock.wall_ms()
        for machine in shard.older_than(partition_log.active.base_offset):
            self.run(shard, machine.snapshot(wall_ms), machine.which.name)

    def _delete_orphans(self, shard: ShareShard) -> None:
        known = self.node.image.topics_by_id
        self._delete_where(shard, lambda which: which.topic_id not in known)

    def _delete_where(self, shard: ShareShard, is_gone: Callable[[SharePartitionId], bool]) -> None:
        for machine in list(shard.share_partitions.values()):
            if is_gone(machine.which) and not machine.is_blank:
                self.run(shard, machine.delete(None), machine.which.name)
