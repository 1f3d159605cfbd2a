"""The partitions that this node leads, opened when somebody first asks for one."""

import logging
from collections.abc import Iterator

from kafkacompat.config import keys
from kafkacompat.config.values import BrokerConfig, TopicConfig
from kafkacompat.metadata.image import (
    RESOURCE_TOPIC,
    MetadataImage,
    PartitionState,
    TopicState,
)
from kafkacompat.partitions.append_rules import READING_KEYS, append_rules
from kafkacompat.partitions.partition import Partition
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_storage.log import AppendRules, PartitionLog
from kafkacompat_storage.store import LogStore

log = logging.getLogger("kafkacompat.partitions")


class Partitions:
    """Finds partitions by topic name or id; nothing is touched that nobody asks for."""

    def __init__(
        self,
        image: MetadataImage,
        store: LogStore,
        config: BrokerConfig,
        node_id: int,
        to_delete: dict[tuple[str, int], bytes] | None = None,
        *,
        is_alone: bool = True,
    ) -> None:
        self._image = image
        self._store = store
        self._config = config
        self._node_id = node_id
        self._is_alone = is_alone
        self._open: dict[tuple[str, int], Partition] = {}
        self._by_id: dict[tuple[bytes, int], Partition] = {}
        self._unreadable: set[tuple[bytes, int]] = set()
        self._to_delete = {} if to_delete is None else to_delete
        """Partitions of removed topics, and the ids of these."""
        self._reads_records = False
        self._judged = (-1, -1)
        self._is_closed = False

    def find(self, topic: str, index: int) -> Partition:
        """Return a partition that this node leads.

        Errors: UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER, KAFKA_STORAGE_ERROR.
        """
        found = self._open.get((topic, index))
        if found is not None and found.is_leader:
            return found
        state = self._image.topics.get(topic)
        if state is None:
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        return self._become_leader(state, index)

    def follow(self, topic: str, index: int) -> bool:
        """Stop leading a partition that is not led here any more, or in another epoch.

        Return whether this node leads it, and did not before.
        """
        found = self._open.get((topic, index))
        state = self._image.partition(topic, index)
        if found is not None and state is not None and found.is_led_in(state, self._node_id):
            self._count_replicas(found, state)
            return False
        if found is not None:
            del self._open[topic, index]
            self._by_id.pop((found.topic_id, index), None)
            found.resign()
        return state is not None and state.leader == self._node_id

    def _count_replicas(self, partition: Partition, state: PartitionState) -> None:
        """Note whether too few replicas are in sync for acks=all.

        As in Kafka, a partition needs no more than it has replicas. A broker alone is enough: a
        directory of a Kafka that had several may say that there are more.
        """
        if self._is_alone:
            return
        wanted = self.topic_config(partition.topic).get(keys.MIN_INSYNC_REPLICAS)
        partition.lacks_replicas = len(state.isr) < min(wanted, len(state.replicas))

    def if_open(self, topic: str, index: int) -> Partition | None:
        """Return a partition that was used since the start, and is not gone."""
        return self._open.get((topic, index))

    def find_by_id(self, topic_id: bytes, index: int) -> Partition:
        """Return a partition by its topic's id.

        Errors: UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER.
        """
        found = self._by_id.get((topic_id, index))
        if found is not None and found.is_leader:
            return found
        state = self._image.topics_by_id.get(topic_id)
        if state is None:
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_ID)
        return self._become_leader(state, index)

    def opened(self) -> Iterator[Partition]:
        """Yield the partitions in use."""
        yield from list(self._open.values())

    def _become_leader(self, topic: TopicState, index: int) -> Partition:
        state = topic.partitions.get(index)
        if state is None:
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        if state.leader != self._node_id or self._is_closed:
            raise KafkaError(ErrorCode.NOT_LEADER_OR_FOLLOWER)
        opened = self._open_log(topic, index)
        made = Partition(topic.name, topic.topic_id, index, opened)
        made.become_leader(state.leader_epoch)
        self._count_replicas(made, state)
        self._open[topic.name, index] = made
        self._by_id[topic.topic_id, index] = made
        return made

    def _open_log(self, topic: TopicState, index: int) -> PartitionLog:
        """Open a log, and say what was found to be wrong with it, once. Errors: as `find`."""
        if (topic.name, index) in self._to_delete:  # of a former topic of that name
            self._delete(topic.name, index)
        try:
            opened = self._store.open(
                topic.name,
                index,
                topic.topic_id,
                self.rules(topic.name, index),
                topic.partitions[index].directory_of(self._node_id),
                topic.partitions[index].leader_epoch,
            )
        except KafkaError as error:
            if (topic.topic_id, index) not in self._unreadable:
                self._unreadable.add((topic.topic_id, index))
                log.error("%s-%d cannot be read: %s", topic.name, index, error)
            raise
        for note in opened.notes:
            log.warning("%s", note)
        return opened

    def rules(self, topic: str, index: int) -> AppendRules:
        """Return what a topic's configuration says about appending to a partition of it."""
        return append_rules(self.topic_config(topic), topic, index)

    @property
    def reads_records(self) -> bool:
        """Whether the records of any topic that clients produce to may have to be looked at."""
        if not self._reads_records:
            names, revision = self._image.topic_keys_set, self._config.revision
            if self._judged != (len(names), revision):
                self._judged = (len(names), revision)
                unset = append_rules(TopicConfig(self._config, {}), "", 0)
                self._reads_records = unset.reads_records or not names.isdisjoint(READING_KEYS)
        return self._reads_records

    def topic_config(self, topic: str) -> TopicConfig:
        """Return a topic's configuration."""
        return TopicConfig(self._config, self._image.config(RESOURCE_TOPIC, topic))

    def apply_rules(self, topic: str | None = None) -> None:
        """Have the partitions in use, of one topic or of all, follow a changed configuration."""
        for partition in self.opened():
            if topic in (None, partition.topic):
                partition.log.rules = self.rules(partition.topic, partition.index)
                state = self._image.partition(partition.topic, partition.index)
                if state is not None:
                    self._count_replicas(partition, state)

    def remove_topic(self, topic: TopicState) -> None:
        """Stop serving a topic's partitions; `delete_one` deletes their data, one after the other.

        A folder that cannot be deleted now is when the broker starts again.
        """
        for index in topic.partitions:
            found = self._open.pop((topic.name, index), None)
            self._by_id.pop((topic.topic_id, index), None)
            if found is not None:
                found.resign()
            self._to_delete[topic.name, index] = topic.topic_id

    def delete_one(self) -> bool:
        """Delete one partition of a removed topic; return whether there was any."""
        for topic, index in self._to_delete:
            self._delete(topic, index)
            return True
        return False

    def _delete(self, topic: str, index: int) -> None:
        topic_id = self._to_delete.pop((topic, index))
        try:
            self._store.delete(topic, index, topic_id)
        except KafkaError as error:
            log.error("Could not delete %s-%d: %s", topic, index, error)

    def delete_records(self, topic: str, index: int, offset: int | None) -> int:
        """Delete a partition's records before an offset, None being its end; return its start.

        Where a partition begins is durable only with `LogStore.prepare_log_starts`.

        Errors: as `find`; POLICY_VIOLATION for a topic that is only compacted; OFFSET_OUT_OF_RANGE.
        """
        partition = self.find(topic, index)
        policy = self.topic_config(topic).get(keys.CLEANUP_POLICY)
        if "compact" in policy and "delete" not in policy:
            raise KafkaError(ErrorCode.POLICY_VIOLATION)
        end = partition.log.high_watermark
        partition.log.advance_log_start(end if offset is None else offset)
        return partition.log.log_start_offset

    def resign_all(self) -> None:
        """Stop serving for good; every waiter is woken."""
        self._is_closed = True
        for partition in self.opened():
            partition.resign()
