"""The coordinator of groups: their shards, and what else happens to them."""

from typing import TYPE_CHECKING, Any

from kafkacompat.config import keys
from kafkacompat.config.values import GroupConfig
from kafkacompat.coordinator.groups.classic import GroupSettings
from kafkacompat.coordinator.groups.consumer.conversion import Downgraded
from kafkacompat.coordinator.groups.consumer.state import ConsumerGroupSettings
from kafkacompat.coordinator.groups.consumer.subscriptions import TopicsView
from kafkacompat.coordinator.groups.expiry import expire
from kafkacompat.coordinator.groups.records import encode_write, offset_tombstone
from kafkacompat.coordinator.groups.shard import GroupShard
from kafkacompat.coordinator.groups.share import MemberLeft, ShareGroupSettings
from kafkacompat.coordinator.groups.topics import Topic
from kafkacompat.coordinator.outcome import Outcome, Write
from kafkacompat.coordinator.runtime import Coordinator, EncodedRecord
from kafkacompat.metadata.commands import NewTopic
from kafkacompat.metadata.internal_topics import OFFSETS_TOPIC
from kafkacompat.partitions.partition import Partition
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_storage.directory_ids import random_uuid

if TYPE_CHECKING:
    from kafkacompat.broker import Node

MAX_MEMBER_ID_PREFIX = 8_000
"""Characters; with what is added, a member id fits a record's string of 32,767 bytes."""


class GroupCoordinator(Coordinator[GroupShard]):
    """The coordinator of all groups of this node."""

    topic = OFFSETS_TOPIC
    records = "group"

    def __init__(self, node: "Node") -> None:
        super().__init__(node)
        get = node.config.get
        self._settings = GroupSettings(
            initial_rebalance_delay_ms=get(keys.GROUP_INITIAL_REBALANCE_DELAY_MS),
            min_session_timeout_ms=get(keys.GROUP_MIN_SESSION_TIMEOUT_MS),
            max_session_timeout_ms=get(keys.GROUP_MAX_SESSION_TIMEOUT_MS),
            max_size=get(keys.GROUP_MAX_SIZE),
        )

        self._usual: tuple[int, ConsumerGroupSettings] | None = None
        """What applies to consumer groups without configuration, and the broker's revision then."""

    def encode(self, write: Write) -> EncodedRecord:
        return encode_write(write)

    def new_topic(self) -> NewTopic:
        get = self.node.config.get
        return NewTopic(
            OFFSETS_TOPIC,
            partitions=get(keys.OFFSETS_TOPIC_PARTITIONS),
            replication_factor=self.replicas(get(keys.OFFSETS_TOPIC_REPLICATION_FACTOR)),
            configs={
                "compression.type": "producer",
                "cleanup.policy": "compact",
                "segment.bytes": str(max(1 << 20, get(keys.OFFSETS_TOPIC_SEGMENT_BYTES))),
            },
        )

    def new_shard(self, partition: Partition) -> GroupShard:
        return GroupShard(partition, self._settings, self.share_settings, self.consumer_settings)

    def perform(self, shard: GroupShard, effect: Any) -> None:
        if isinstance(effect, Downgraded):
            self.rejoin(shard, effect.group_id)
            return
        assert isinstance(effect, MemberLeft)
        for share in self.node.share.everywhere():
            share.member_left(effect.group_id, effect.member_id)

    def rejoin(self, shard: GroupShard, group_id: str) -> None:
        """Have the members of a classic group join it again."""
        group = shard.classic(group_id)
        if group is not None and shard.is_loaded:
            out = Outcome()
            group.prepare_rebalance(self.node.clock.monotonic_ms(), out)
            self.run(shard, out, group_id)

    def share_settings(self, group_id: str) -> ShareGroupSettings:
        """Return what is configured for a share group."""
        get = self.node.share.config(group_id).get
        return ShareGroupSettings(
            session_timeout_ms=get(keys.SHARE_SESSION_TIMEOUT_MS),
            heartbeat_interval_ms=get(keys.SHARE_HEARTBEAT_INTERVAL_MS),
            max_size=self.node.config.get(keys.GROUP_SHARE_MAX_SIZE),
        )

    def consumer_settings(self, group_id: str) -> ConsumerGroupSettings:
        """Return what is configured for a consumer group: for most what the broker has for all."""
        config = self.node.share.config(group_id)
        if config.own:
            return self._consumer_settings(config)
        revision = self.node.config.revision
        if self._usual is None or self._usual[0] != revision:
            self._usual = revision, self._consumer_settings(config)
        return self._usual[1]

    def _consumer_settings(self, config: GroupConfig) -> ConsumerGroupSettings:
        policy = self.node.config.get(keys.GROUP_CONSUMER_MIGRATION_POLICY)
        get = config.get
        return ConsumerGroupSettings(
            session_timeout_ms=get(keys.CONSUMER_SESSION_TIMEOUT_MS),
            heartbeat_interval_ms=get(keys.CONSUMER_HEARTBEAT_INTERVAL_MS),
            max_size=self.node.config.get(keys.GROUP_CONSUMER_MAX_SIZE),
            may_upgrade=policy in ("upgrade", "bidirectional"),
            may_downgrade=policy in ("downgrade", "bidirectional"),
            name_of=self.name_of,
        )

    def name_of(self, topic_id: bytes) -> str | None:
        """Return a topic's name by its id."""
        found = self.node.image.topics_by_id.get(topic_id)
        return None if found is None else found.name

    def topics_view(self) -> TopicsView:
        """Return the topics of the cluster as they are now."""
        image = self.node.image
        return TopicsView(self.topic_named, image.topics.keys, image.topics_version)

    def topic_named(self, name: str) -> Topic | None:
        """Return a topic as groups see it."""
        found = self.node.image.topics.get(name)
        return None if found is None else Topic(found.topic_id, len(found.partitions))

    def shard(self, group_id: str, *, may_be_empty: bool = False) -> GroupShard:
        """Return the shard of a group, loaded. The empty id is good for offsets only.

        Errors: INVALID_GROUP_ID, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS,
        NOT_COORDINATOR.
        """
        if not group_id and not may_be_empty:
            raise KafkaError(ErrorCode.INVALID_GROUP_ID)
        return self.shard_of(group_id)

    # --- what else happens to groups

    def expire_offsets(self) -> None:
        """Remove offsets that were kept for long enough, and groups that have nothing left."""
        if self.has_topic:
            self.node.spawn(self._expire_offsets())

    async def _expire_offsets(self) -> None:
        await self.load_all()
        retention_ms = self.node.config.get(keys.OFFSETS_RETENTION_MINUTES) * 60_000
        for shard in self.loaded_shards():
            if not shard.partition.is_leader:
                continue
            records, gone = expire(shard, self.node.clock.wall_ms(), retention_ms)
            for group_id in gone:
                self.forget(shard, group_id)
            if records:
                self.run(shard, Outcome(records=records))

    def topic_removed(self, topic: str) -> None:
        """A topic is gone: so are the offsets that groups committed for it.

        Shards that are not loaded find out when they are.
        """
        super().topic_removed(topic)
        for shard in self.loaded_shards():
            self._drop_offsets(shard, topic)

    async def before_topic(self, topic: str) -> None:
        """A topic is about to be made: offsets of an earlier one of its name must be gone."""
        await self.load_all()
        self.topic_removed(topic)

    def after_load(self, shard: GroupShard) -> None:
        super().after_load(shard)
        for topic in shard.offsets.topics() - self.node.image.topics.keys():
            self._drop_offsets(shard, topic)  # its deletion was cut short

    def _drop_offsets(self, shard: GroupShard, topic: str) -> None:
        records = [
            offset_tombstone(group_id, where.topic, where.partition)
            for group_id, where in shard.offsets.of_topic(topic)
        ]
        if records:
            self.run(shard, Outcome(records=records))


def new_member_id(prefix: str) -> str:
    """Return a member id that nobody else has."""
    prefix = prefix[:MAX_MEMBER_ID_PREFIX]
    raw = random_uuid().hex()
    return f"{prefix}-{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}"
