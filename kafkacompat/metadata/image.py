"""The state of the cluster, built by applying the records of __cluster_metadata.

`apply` is the only way it changes. Record types that it does not understand are kept as they
are, in order, so that a snapshot loses nothing.

Spec: KIP-631 (the KRaft metadata records).
"""

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from kafkacompat.metadata.internal_topics import INTERNAL_TOPICS
from kafkacompat_protocol.metadata_records.brokers import (
    BrokerRegistrationChangeRecord,
    RegisterBrokerRecord,
    RegisterControllerRecord,
    UnregisterBrokerRecord,
)
from kafkacompat_protocol.metadata_records.security import (
    RemoveUserScramCredentialRecord,
    UserScramCredentialRecord,
)
from kafkacompat_protocol.metadata_records.settings import (
    ClientQuotaRecord,
    ConfigRecord,
    EntityData,
    FeatureLevelRecord,
    NoOpRecord,
    ProducerIdsRecord,
)
from kafkacompat_protocol.metadata_records.topics import (
    PartitionChangeRecord,
    PartitionRecord,
    RemoveTopicRecord,
    TopicRecord,
)

RESOURCE_TOPIC = 2
RESOURCE_BROKER = 4
RESOURCE_BROKER_LOGGER = 8
RESOURCE_CLIENT_METRICS = 16
RESOURCE_GROUP = 32
NO_LEADER = -1
UNCHANGED_LEADER = -2
QuotaEntity = frozenset[tuple[str, str | None]]
"""Whom a quota is for: types and names, None for all that have no quota of their own."""


@dataclass(slots=True)
class PartitionState:
    """Who holds a partition, and who leads it."""

    index: int
    leader: int
    leader_epoch: int
    replicas: list[int]
    isr: list[int]
    record: PartitionRecord
    """The whole state as a record, for snapshots and for what we do not interpret."""

    def directory_of(self, node_id: int) -> bytes | None:
        """Return the id of the log directory that a node's replica is in, if it is known."""
        directories = dict(zip(self.replicas, self.record.directories, strict=False))
        return directories.get(node_id)


@dataclass(slots=True)
class TopicState:
    """A topic and its partitions, by index."""

    name: str
    topic_id: bytes
    partitions: dict[int, PartitionState] = field(default_factory=dict)


class MetadataImage:
    """Topics, configurations, brokers and features, as of the last record applied."""

    def __init__(self) -> None:
        self.topics: dict[str, TopicState] = {}
        self.topics_by_id: dict[bytes, TopicState] = {}
        self.topics_version = 0
        """Another number whenever a topic came, went or got partitions."""
        self.configs: dict[tuple[int, str], dict[str, str]] = {}
        self.topic_keys_set: set[str] = set()
        """Keys that any topic but the internal ones has ever set."""
        self.features: dict[str, int] = {}
        self.brokers: dict[int, RegisterBrokerRecord] = {}
        self.controllers: dict[int, RegisterControllerRecord] = {}
        self.producer_ids: ProducerIdsRecord | None = None
        self.quotas: dict[QuotaEntity, dict[str, float]] = {}
        self.credentials: dict[tuple[str, int], UserScramCredentialRecord] = {}
        """SCRAM credentials by user and mechanism."""
        self.kept: list[Any] = []
        self._apply: dict[type, Callable[[Any], None]] = {
            TopicRecord: self._topic,
            PartitionRecord: self._partition,
            PartitionChangeRecord: self._partition_change,
            RemoveTopicRecord: self._remove_topic,
            ConfigRecord: self._config,
            FeatureLevelRecord: self._feature,
            ProducerIdsRecord: self._producer_ids,
            ClientQuotaRecord: self._quota,
            UserScramCredentialRecord: self._credential,
            RemoveUserScramCredentialRecord: self._remove_credential,
            RegisterBrokerRecord: self._register_broker,
            BrokerRegistrationChangeRecord: self._change_broker,
            UnregisterBrokerRecord: self._unregister_broker,
            RegisterControllerRecord: self._register_controller,
            NoOpRecord: lambda record: None,
        }

    def apply(self, record: Any) -> None:
        """Change the state as one record says; a type that is not understood is kept."""
        apply = self._apply.get(type(record))
        if apply is None:
            self.kept.append(record)
        else:
            apply(record)

    def copy(self) -> "MetadataImage":
        """Return another image of the same state; records that do not change are shared."""
        made = MetadataImage()
        for topic in self.topics.values():
            same = TopicState(topic.name, topic.topic_id, dict(topic.partitions))
            made.topics[topic.name] = made.topics_by_id[topic.topic_id] = same
        made.configs = dict(self.configs)
        made.topic_keys_set = set(self.topic_keys_set)
        made.features = dict(self.features)
        made.brokers = {each: copy(record) for each, record in self.brokers.items()}
        made.controllers = dict(self.controllers)
        made.producer_ids = self.producer_ids
        made.quotas = {entity: dict(limits) for entity, limits in self.quotas.items()}
        made.credentials = dict(self.credentials)
        made.kept = list(self.kept)
        return made

    def partition(self, topic: str, index: int) -> PartitionState | None:
        """Return a partition's state, None if there is no such topic or partition."""
        found = self.topics.get(topic)
        return None if found is None else found.partitions.get(index)

    def config(self, resource_type: int, name: str) -> dict[str, str]:
        """Return what is set on a resource; not to be changed."""
        return self.configs.get((resource_type, name), {})

    def records(self) -> Iterator[Any]:
        """Yield records that build this image from nothing, features first."""
        for name, level in self.features.items():
            yield FeatureLevelRecord(name=name, feature_level=level)
        yield from self.controllers.values()
        yield from self.brokers.values()
        for topic in self.topics.values():
            yield TopicRecord(name=topic.name, topic_id=topic.topic_id)
            for state in topic.partitions.values():
                yield state.record
        for (resource_type, resource), values in self.configs.items():
            for name, value in values.items():
                yield ConfigRecord(
                    resource_type=resource_type, resource_name=resource, name=name, value=value
                )
        for entity, quotas in self.quotas.items():
            parts = [EntityData(entity_type=kind, entity_name=name) for kind, name in entity]
            for key, limit in quotas.items():
                yield ClientQuotaRecord(entity=parts, key=key, value=limit, remove=False)
        yield from self.credentials.values()
        if self.producer_ids is not None:
            yield self.producer_ids
        yield from self.kept

    # --- one method per record type

    def _topic(self, record: TopicRecord) -> None:
        self.topics_version += 1
        topic = TopicState(record.name, record.topic_id)
        self.topics[record.name] = topic
        self.topics_by_id[record.topic_id] = topic

    def _partition(self, record: PartitionRecord) -> None:
        self.topics_version += 1
        topic = self.topics_by_id.get(record.topic_id)
        if topic is None:
            return
        topic.partitions[record.partition_id] = PartitionState(
            index=record.partition_id,
            leader=record.leader,
            leader_epoch=record.leader_epoch,
            replicas=record.replicas,
            isr=record.isr,
            record=record,
        )

    def _partition_change(self, change: PartitionChangeRecord) -> None:
        topic = self.topics_by_id.get(change.topic_id)
        state = topic.partitions.get(change.partition_id) if topic else None
        if topic is None or state is None:
            return
        old = state.record
        leads_anew = change.leader != UNCHANGED_LEADER
        merged = PartitionRecord(
            partition_id=old.partition_id,
            topic_id=old.topic_id,
            replicas=_new(change.replicas, old.replicas),
            isr=_new(change.isr, old.isr),
            removing_replicas=_new(change.removing_replicas, old.removing_replicas),
            adding_replicas=_new(change.adding_replicas, old.adding_replicas),
            leader=change.leader if leads_anew else old.leader,
            leader_recovery_state=(
                old.leader_recovery_state
                if change.leader_recovery_state < 0
                else change.leader_recovery_state
            ),
            leader_epoch=old.leader_epoch + (1 if leads_anew else 0),
            partition_epoch=old.partition_epoch + 1,
            directories=_new(change.directories, old.directories),
            eligible_leader_replicas=_new(
                change.eligible_leader_replicas, old.eligible_leader_replicas
            ),
            last_known_elr=_new(change.last_known_elr, old.last_known_elr),
        )
        self._partition(merged)

    def _remove_topic(self, record: RemoveTopicRecord) -> None:
        self.topics_version += 1
        topic = self.topics_by_id.pop(record.topic_id, None)
        if topic is not None:
            self.topics.pop(topic.name, None)
            self.configs.pop((RESOURCE_TOPIC, topic.name), None)

    def _config(self, record: ConfigRecord) -> None:
        where = (record.resource_type, record.resource_name)
        values = dict(self.configs.get(where, {}))
        if record.value is None:
            values.pop(record.name, None)
        else:
            values[record.name] = record.value
            if record.resource_type == RESOURCE_TOPIC and where[1] not in INTERNAL_TOPICS:
                self.topic_keys_set.add(record.name)
        if values:
            self.configs[where] = values
        else:
            self.configs.pop(where, None)

    def _feature(self, record: FeatureLevelRecord) -> None:
        if record.feature_level == 0:
            self.features.pop(record.name, None)
        else:
            self.features[record.name] = record.feature_level

    def _producer_ids(self, record: ProducerIdsRecord) -> None:
        self.producer_ids = record

    def _quota(self, record: ClientQuotaRecord) -> None:
        entity = frozenset((part.entity_type, part.entity_name) for part in record.entity)
        limits = self.quotas.setdefault(entity, {})
        if record.remove:
            limits.pop(record.key, None)
        else:
            limits[record.key] = record.value
        if not limits:
            del self.quotas[entity]

    def _credential(self, record: UserScramCredentialRecord) -> None:
        self.credentials[record.name, record.mechanism] = record

    def _remove_credential(self, record: RemoveUserScramCredentialRecord) -> None:
        self.credentials.pop((record.name, record.mechanism), None)

    def _register_broker(self, record: RegisterBrokerRecord) -> None:
        self.brokers[record.broker_id] = record

    def _change_broker(self, record: BrokerRegistrationChangeRecord) -> None:
        broker = self.brokers.get(record.broker_id)
        if broker is not None and record.fenced:
            broker.fenced = record.fenced > 0
        if broker is not None and record.in_controlled_shutdown:
            broker.in_controlled_shutdown = record.in_controlled_shutdown > 0

    def _unregister_broker(self, record: UnregisterBrokerRecord) -> None:
        self.brokers.pop(record.broker_id, None)

    def _register_controller(self, record: RegisterControllerRecord) -> None:
        self.controllers[record.controller_id] = record


def _new(changed: Any, old: Any) -> Any:
    return old if changed is None else changed
