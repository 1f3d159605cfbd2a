"""Carries commands out: one at a time, records appended, durable, applied, then answered."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from kafkacompat.clock import Clock
from kafkacompat.config.values import BrokerConfig
from kafkacompat.metadata import commands
from kafkacompat.metadata.commands import NewTopic, Place
from kafkacompat.metadata.config_commands import Change, alter_configs, replace_configs
from kafkacompat.metadata.election_commands import Election, elect_leader
from kafkacompat.metadata.image import MetadataImage, TopicState
from kafkacompat.metadata.log import MetadataLog
from kafkacompat.metadata.placement_commands import (
    assign_directories,
    reassign,
    unregister_broker,
)
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.metadata_records.settings import ConfigRecord
from kafkacompat_protocol.metadata_records.topics import PartitionChangeRecord
from kafkacompat_storage.names import TopicPartition


class Controller:
    """The commands of the cluster's metadata, of which this node is the only writer."""

    def __init__(
        self,
        log: MetadataLog,
        config: BrokerConfig,
        clock: Clock,
        place: Place,
        *,
        first_producer_id: int = 0,
    ) -> None:
        self.log = log
        self.config = config
        self.clock = clock
        self.place = place
        self.broker_epoch = 0
        self.before_topic: Callable[[str], Awaitable[None]] | None = None
        """What must be done before there is a topic of a name."""
        self.on_topic_removed: Callable[[TopicState], None] | None = None
        self.on_config_changed: Callable[[int, str], None] | None = None
        """Told of the resource's type and name."""
        self.before_leaders: Callable[[list[PartitionChangeRecord]], None] | None = None
        """Told of changes of partitions before they are made."""
        self.on_partitions_changed: Callable[[Iterable[tuple[str, int]]], None] | None = None
        """Told which partitions have other replicas, in sync or not, or another leader."""
        self._turn = asyncio.Lock()
        self._next_id = self._last_id = 0
        self._first_producer_id = first_producer_id
        """No producer gets a lower one, whatever the log says."""

    @property
    def image(self) -> MetadataImage:
        """The state that commands are checked against."""
        return self.log.image

    async def commit(self, records: list[Any]) -> int:
        """Append records, and return their first offset once they are durable and applied.

        Errors: KAFKA_STORAGE_ERROR.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def finished(error: KafkaError | None) -> None:
            if done.cancelled():
                return
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)

        changes = [each for each in records if isinstance(each, PartitionChangeRecord)]
        if changes and self.before_leaders is not None:
            self.before_leaders(changes)
        offset = self.log.append(records, self.clock.wall_ms(), finished)
        await done
        if changes and self.on_partitions_changed is not None:
            topics = self.image.topics_by_id
            self.on_partitions_changed(
                (topics[change.topic_id].name, change.partition_id)
                for change in changes
                if change.topic_id in topics
            )
        return offset

    async def create_topic(self, wanted: NewTopic, *, validate_only: bool = False) -> TopicState:
        """Make a topic. Errors: those of `commands.create_topic`."""
        async with self._turn:
            records = commands.create_topic(self.image, wanted, self.config, self.place)
            if validate_only:
                scratch = MetadataImage()
                for record in records:
                    scratch.apply(record)
                return scratch.topics[wanted.name]
            if self.before_topic is not None:
                await self.before_topic(wanted.name)
            await self.commit(records)
            return self.image.topics[wanted.name]

    async def delete_topic(self, topic_id: bytes) -> None:
        """Delete a topic and its data. Errors: UNKNOWN_TOPIC_ID."""
        async with self._turn:
            topic = self.image.topics_by_id.get(topic_id)
            if topic is None:
                raise KafkaError(ErrorCode.UNKNOWN_TOPIC_ID)
            await self.commit(commands.delete_topic(topic))
            if self.on_topic_removed is not None:
                self.on_topic_removed(topic)

    async def create_partitions(
        self,
        name: str,
        count: int,
        assignments: Sequence[Sequence[int]] | None,
        *,
        validate_only: bool,
    ) -> None:
        """Add partitions to a topic. Errors: UNKNOWN_TOPIC_OR_PARTITION, INVALID_PARTITIONS."""
        async with self._turn:
            topic = self.image.topics.get(name)
            if topic is None:
                raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
            records = commands.create_partitions(
                self.image, topic, count, assignments, config=self.config, place=self.place
            )
            if not validate_only:
                await self.commit(records)

    async def elect_leader(self, name: str, index: int, election: Election) -> None:
        """Elect a partition's leader. Errors: those of `election_commands.elect_leader`."""
        async with self._turn:
            await self.commit(elect_leader(self.image, name, index, election, self.place))

    async def reassign(
        self, name: str, index: int, replicas: Sequence[int] | None, *, may_change_factor: bool
    ) -> None:
        """Put a partition on other brokers. Errors: those of `placement_commands.reassign`."""
        async with self._turn:
            records = reassign(
                self.image, name, index, replicas, self.place, may_change_factor=may_change_factor
            )
            if records:
                await self.commit(records)

    async def assign_directories(self, wanted: Mapping[TopicPartition, bytes]) -> None:
        """Note in which log directories partitions of this node are, where that is news."""
        async with self._turn:
            records = assign_directories(self.image, wanted, self.place)
            if records:
                await self.commit(records)

    async def unregister_broker(self, broker_id: int) -> None:
        """Forget a broker. Errors: those of `placement_commands.unregister_broker`."""
        async with self._turn:
            await self.commit(unregister_broker(self.image, broker_id, self.place.living))

    async def carry_out(self, command: Callable[[MetadataImage], list[Any]]) -> None:
        """Append what a command makes of the image. Errors: the command's."""
        async with self._turn:
            records = command(self.image)
            if not records:
                return
            await self.commit(records)
            for record in records:
                if isinstance(record, ConfigRecord) and self.on_config_changed is not None:
                    self.on_config_changed(record.resource_type, record.resource_name)

    async def alter_configs(
        self, resource_type: int, name: str, changes: Sequence[Change], *, validate_only: bool
    ) -> None:
        """Change keys of a resource. Errors: those of `config_commands.alter_configs`."""
        async with self._turn:
            records = alter_configs(self.image, self.config, resource_type, name, changes)
            await self._configure(resource_type, name, [] if validate_only else records)

    async def replace_configs(
        self,
        resource_type: int,
        name: str,
        values: Sequence[tuple[str, str | None]],
        *,
        validate_only: bool,
    ) -> None:
        """Give a resource these keys, no others. Errors: those of `config_commands`."""
        async with self._turn:
            records = replace_configs(self.image, self.config, resource_type, name, values)
            await self._configure(resource_type, name, [] if validate_only else records)

    async def _configure(self, resource_type: int, name: str, records: list[Any]) -> None:
        if not records:
            return
        await self.commit(records)
        if self.on_config_changed is not None:
            self.on_config_changed(resource_type, name)

    @property
    def unused_producer_id(self) -> int:
        """The first producer id of which none above was ever given out."""
        known = self.image.producer_ids
        return max(self._first_producer_id, 0 if known is None else known.next_producer_id)

    async def next_producer_id(self) -> int:
        """Return a producer id never given out before."""
        async with self._turn:
            if self._next_id == self._last_id:
                first, records = commands.next_producer_ids(
                    self.image, self.place.node_id, self.broker_epoch, self._first_producer_id
                )
                await self.commit(records)
                self._next_id, self._last_id = first, first + commands.PRODUCER_ID_BLOCK
            self._next_id += 1
            return self._next_id - 1
