"""What the nodes of one cluster share: the logs, the journal, the metadata.

A node alone has a core of its own. Several in one process share one, so that all replicas of a
partition are one log: it is the emulation of a cluster, in which nothing needs to be copied.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, cast

from kafkacompat.clock import Clock
from kafkacompat.cluster.members import Members
from kafkacompat.config import keys
from kafkacompat.config.profiles import PROFILES
from kafkacompat.config.values import BrokerConfig, TopicConfig
from kafkacompat.metadata import startup
from kafkacompat.metadata.controller import Controller
from kafkacompat.metadata.image import RESOURCE_TOPIC, TopicState
from kafkacompat.metadata.internal_topics import OFFSETS_TOPIC
from kafkacompat.metadata.log import MetadataLog
from kafkacompat_storage.journal import Durability, LocalJournal
from kafkacompat_storage.names import METADATA_TOPIC, TopicPartition
from kafkacompat_storage.store import LogStore, open_store

if TYPE_CHECKING:
    from kafkacompat.broker import Node

log = logging.getLogger("kafkacompat.broker")

RECOVERED_LATER_BYTES = 1 << 20
"""A log with less to check is recovered when it is first used, which takes some milliseconds."""
RECOVERED_AT_STOP = 1000
"""Logs that nobody has used since a crash, recovered at a clean stop; more wait for another."""


class Core:
    """Logs, journal and metadata of a cluster, and its nodes."""

    def __init__(
        self,
        config: BrokerConfig,
        clock: Clock,
        *,
        several: bool = False,
        instead_of: "Core | None" = None,
    ) -> None:
        """Producers of the core that it is `instead_of` live on: their ids are not used again."""
        self.config = config
        self._first_producer_id = 0
        if instead_of is not None:
            self._first_producer_id = instead_of.controller.unused_producer_id
        self.clock = clock
        self.members = Members(several=several)
        self.to_delete: dict[tuple[str, int], bytes] = {}
        """Partitions of removed topics, and the ids of these."""
        self.store: LogStore
        self.journal: LocalJournal
        self.metadata_log: MetadataLog
        self.controller: Controller

    def open(
        self,
        progress: Callable[[int, int], None] | None = None,
        store: LogStore | None = None,
    ) -> None:
        """Open the data, and recover what was not closed cleanly.

        Errors: OSError (folder locked or not writable), StoreError.
        """
        get = self.config.get
        durability = cast(Durability, get(keys.DURABILITY))
        log_dirs: tuple[str, ...] = get(keys.LOG_DIRS)
        self.store = store or open_store(
            [] if durability == "memory" else log_dirs,
            node_id=get(keys.NODE_ID),
            now_ms=self.clock.wall_ms(),
            producer_expiration_ms=get(keys.PRODUCER_ID_EXPIRATION_MS),
            is_synced=durability == "fsync",
        )
        self.journal = LocalJournal(
            durability,
            post=asyncio.get_running_loop().call_soon_threadsafe,
            seconds=self.clock.seconds,
        )
        self.journal.on_slow = _tell_of_slow_disk
        self.metadata_log = startup.open_log(self.store, self.journal, self.clock.wall_ms())
        self._recover(progress, at_least_bytes=RECOVERED_LATER_BYTES)
        place = startup.place(get(keys.NODE_ID), self.store, self.members.racks)
        made = self.controller = Controller(
            self.metadata_log,
            self.config,
            self.clock,
            place,
            first_producer_id=self._first_producer_id,
        )
        made.on_topic_removed = self._topic_removed
        made.on_config_changed = self._config_changed
        made.before_topic = self._before_topic
        made.on_partitions_changed = self.partitions_changed

    async def begin(self) -> None:
        """Begin an epoch of the metadata; a new cluster gets its features."""
        profile = PROFILES.get(self.config.get(keys.AS_VERSION))
        await startup.begin(
            self.controller, self.config, startup.first_records(self.store, profile)
        )

    async def settle(self) -> list[tuple[TopicPartition, str]]:
        """Bring the directories in line with the metadata.

        Return the partitions that are to be moved to other directories, and where to.
        """
        limit = self.config.get(keys.METADATA_SNAPSHOT_BYTES)
        self.metadata_log.snapshot_if_due(limit, self.clock.wall_ms())
        moving = await startup.settle_directories(self.controller, self.store)
        startup.remove_orphans(self.metadata_log.image, self.store, self.metadata_log.removed)
        return moving

    def topic_config(self, topic: str) -> TopicConfig:
        """Return a topic's configuration, though no node may live."""
        return TopicConfig(self.config, self.metadata_log.image.config(RESOURCE_TOPIC, topic))

    def recover_at_stop(self) -> None:
        """Check and repair what nobody has used since a crash."""
        self._recover(at_most_logs=RECOVERED_AT_STOP)

    def close(self, clean: bool, broker_epoch: int = -1) -> None:
        """Close the data; `clean` marks them as needing no recovery."""
        if hasattr(self, "journal"):
            self.journal.close()
        if hasattr(self, "store"):
            self.store.close(clean, broker_epoch)

    def _recover(self, progress: Callable[[int, int], None] | None = None, **limits: int) -> None:
        """Check and repair the logs, after a crash; which are compacted is in the metadata."""
        image = self.metadata_log.image

        def is_compacted(topic: str) -> bool:
            if topic == METADATA_TOPIC:
                return False
            policy = self.topic_config(topic).get(keys.CLEANUP_POLICY)
            return topic not in image.topics or "compact" in policy

        for finding in self.store.recover(progress, is_compacted=is_compacted, **limits):
            log.warning("%s", finding)

    # --- what the metadata tell the nodes

    def _nodes(self) -> "list[Node]":
        return list(self.members.nodes.values())

    def _topic_removed(self, topic: TopicState) -> None:
        for node in self._nodes():
            node.topic_removed(topic)

    def _config_changed(self, resource_type: int, name: str) -> None:
        for node in self._nodes():
            node.config_changed(resource_type, name)

    def partitions_changed(self, places: Iterable[tuple[str, int]]) -> None:
        """Have all nodes follow."""
        places = list(places)
        for node in self._nodes():
            node.follow(places)

    async def _before_topic(self, topic: str) -> None:
        if OFFSETS_TOPIC in self.metadata_log.image.topics:
            for node in self._nodes():
                await node.groups.before_topic(topic)


def _tell_of_slow_disk(is_slow: bool) -> None:
    if is_slow:
        log.warning("The disk is slow: a thread writes until it is quick again")
    else:
        log.info("The disk is quick again")
