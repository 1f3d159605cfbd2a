"""What each administrative command appends: from an image and a wish to records. Pure.

Errors are raised as KafkaError; nothing is half done, because nothing is done here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kafkacompat.config import keys
from kafkacompat.config.values import BrokerConfig
from kafkacompat.metadata.config_checks import (
    MIN_INSYNC,
    check_topic_config,
    check_topic_key,
    check_whole_topic,
)
from kafkacompat.metadata.image import (
    RESOURCE_BROKER,
    RESOURCE_TOPIC,
    MetadataImage,
    TopicState,
)
from kafkacompat.metadata.spreading import spread
from kafkacompat.metadata.topic_names import check_collision, check_topic_name
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.metadata_records.settings import ConfigRecord, ProducerIdsRecord
from kafkacompat_protocol.metadata_records.topics import (
    PartitionRecord,
    RemoveTopicRecord,
    TopicRecord,
)
from kafkacompat_storage.directory_ids import random_uuid

METADATA_TOPIC = "__cluster_metadata"
PRODUCER_ID_BLOCK = 1000


@dataclass(slots=True)
class NewTopic:
    """A topic to be made. -1 partitions or replicas stand for the broker's default."""

    name: str
    partitions: int = -1
    replication_factor: int = -1
    assignments: Mapping[int, Sequence[int]] = field(default_factory=dict)
    configs: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where replicas are put."""

    node_id: int
    directory_id: bytes
    directories: tuple[bytes, ...] = ()
    """Ids of all log directories, if there are several."""
    preferred: Mapping[tuple[str, int], bytes] = field(default_factory=dict)
    """Directories that were asked for, for partitions to come."""
    racks: Mapping[int, str | None] | None = None
    """The brokers that live and their racks; None for a node that is all of its cluster."""

    @property
    def living(self) -> Mapping[int, str | None]:
        """The brokers that live, and their racks."""
        return {self.node_id: None} if self.racks is None else self.racks


def choose_directories(
    image: MetadataImage, topic: str, indexes: Iterable[int], place: Place
) -> list[bytes]:
    """Return where new partitions go: as was asked for, or where the fewest are."""
    if len(place.directories) <= 1:
        return [place.directory_id for _ in indexes]
    counts = dict.fromkeys(place.directories, 0)
    for other in image.topics.values():
        for state in other.partitions.values():
            directory = state.directory_of(place.node_id)
            if directory in counts:
                counts[directory] += 1
    chosen = []
    for index in indexes:
        fewest = min(counts, key=counts.__getitem__)
        chosen.append(place.preferred.get((topic, index), fewest))
        counts[chosen[-1]] = counts.get(chosen[-1], 0) + 1
    return chosen


def create_topic(
    image: MetadataImage, wanted: NewTopic, config: BrokerConfig, place: Place
) -> list[Any]:
    """Return the records of a new topic: itself, its configuration, its partitions.

    Errors: INVALID_TOPIC_EXCEPTION, TOPIC_ALREADY_EXISTS, INVALID_PARTITIONS,
    INVALID_REPLICATION_FACTOR, INVALID_REPLICA_ASSIGNMENT, INVALID_CONFIG, INVALID_REQUEST.
    """
    check_topic_name(wanted.name)
    if wanted.name == METADATA_TOPIC:
        raise KafkaError(
            ErrorCode.INVALID_REQUEST, f"Creation of internal topic {wanted.name} is prohibited."
        )
    if wanted.name in image.topics:
        raise KafkaError(ErrorCode.TOPIC_ALREADY_EXISTS, f"Topic '{wanted.name}' already exists.")
    check_collision(image.topics, wanted.name)
    assignments = _assignments(image, wanted, config, place)
    for name in wanted.configs:
        check_topic_key(name)
    for name, text in wanted.configs.items():
        check_topic_config(name, text)
    check_whole_topic(config, {k: text for k, text in wanted.configs.items() if text is not None})
    topic_id = random_uuid()
    records: list[Any] = [TopicRecord(name=wanted.name, topic_id=topic_id)]
    records += [
        ConfigRecord(resource_type=RESOURCE_TOPIC, resource_name=wanted.name, name=name, value=text)
        for name, text in wanted.configs.items()
    ]
    directories = choose_directories(image, wanted.name, range(len(assignments)), place)
    records += [
        new_partition(topic_id, index, replicas, directory)
        for index, (replicas, directory) in enumerate(zip(assignments, directories, strict=True))
    ]
    return records


def _assignments(
    image: MetadataImage, wanted: NewTopic, config: BrokerConfig, place: Place
) -> list[list[int]]:
    """Return the replicas of each partition of a new topic. Errors: as `create_topic`."""
    if wanted.assignments:
        return _assigned(wanted, place)
    count, replicas = wanted.partitions, wanted.replication_factor
    if count == -1:
        count = config.get(keys.NUM_PARTITIONS)
    if count <= 0:
        raise KafkaError(
            ErrorCode.INVALID_PARTITIONS,
            "Number of partitions was set to an invalid non-positive value.",
        )
    check_total(count, config)
    if replicas == -1:
        replicas = min(len(place.living), config.get(keys.DEFAULT_REPLICATION_FACTOR))
    if replicas <= 0:
        raise KafkaError(
            ErrorCode.INVALID_REPLICATION_FACTOR,
            "Replication factor must be larger than 0, or -1 to use the default value.",
        )
    if replicas > len(place.living):
        raise KafkaError(
            ErrorCode.INVALID_REPLICATION_FACTOR,
            f"Unable to replicate the partition {replicas} time(s): The target replication"
            f" factor of {replicas} cannot be reached because only {len(place.living)} broker(s)"
            " are registered or some brokers have all their log directories cordoned.",
        )
    return spread(image, place.living, count, replicas)


def requested_partitions(wanted: NewTopic, config: BrokerConfig) -> int:
    """Return how many partitions a new topic would have, as far as that can be said."""
    if wanted.assignments:
        return len(wanted.assignments)
    return max(0, config.get(keys.NUM_PARTITIONS) if wanted.partitions == -1 else wanted.partitions)


def check_total(count: int, config: BrokerConfig) -> None:
    """Refuse to make too many partitions at once. Errors: POLICY_VIOLATION."""
    if count > config.get(keys.MAX_PARTITIONS_PER_TOPIC):
        raise KafkaError(
            ErrorCode.POLICY_VIOLATION, "Excessively large number of partitions per request."
        )


def _assigned(wanted: NewTopic, place: Place) -> list[list[int]]:
    for given, what in (
        (wanted.replication_factor, "replication factor"),
        (wanted.partitions, "numPartitions"),
    ):
        if given != -1:
            raise KafkaError(
                ErrorCode.INVALID_REQUEST,
                f"A manual partition assignment was specified, but {what} was not set to -1.",
            )
    if sorted(wanted.assignments) != list(range(len(wanted.assignments))):
        raise KafkaError(
            ErrorCode.INVALID_REPLICA_ASSIGNMENT,
            "partitions should be a consecutive 0-based integer sequence",
        )
    for replicas in wanted.assignments.values():
        check_replicas(replicas, place)
    return [list(wanted.assignments[index]) for index in range(len(wanted.assignments))]


def check_replicas(replicas: Sequence[int], place: Place) -> None:
    """Refuse replicas that cannot be. Errors: INVALID_REPLICA_ASSIGNMENT."""
    reason = None
    if not replicas:
        reason = "an empty replica list"
    before = None
    for broker in sorted(replicas):
        if reason is None and broker not in place.living:
            reason = f"broker {broker}, but no such broker is registered"
        elif reason is None and broker == before:
            reason = f"the broker {broker} more than once"
        before = broker
    if reason is not None:
        raise KafkaError(
            ErrorCode.INVALID_REPLICA_ASSIGNMENT,
            f"The manual partition assignment includes {reason}.",
        )


def new_partition(
    topic_id: bytes, index: int, replicas: list[int], directory_id: bytes
) -> PartitionRecord:
    """Return the record of a partition that the first of its replicas leads."""
    return PartitionRecord(
        partition_id=index,
        topic_id=topic_id,
        replicas=replicas,
        isr=list(replicas),
        removing_replicas=[],
        adding_replicas=[],
        leader=replicas[0],
        leader_epoch=0,
        partition_epoch=0,
        directories=[directory_id] * len(replicas),
    )


def delete_topic(topic: TopicState) -> list[Any]:
    """Return the record by which a topic goes, with its partitions and configuration."""
    return [RemoveTopicRecord(topic_id=topic.topic_id)]


def create_partitions(
    image: MetadataImage,
    topic: TopicState,
    count: int,
    assignments: Sequence[Sequence[int]] | None,
    *,
    config: BrokerConfig,
    place: Place,
) -> list[Any]:
    """Return the records that bring a topic to `count` partitions.

    Errors: INVALID_PARTITIONS, INVALID_REPLICA_ASSIGNMENT, POLICY_VIOLATION.
    """
    have = len(topic.partitions)
    if count == have:
        raise KafkaError(ErrorCode.INVALID_PARTITIONS, f"Topic already has {have} partition(s).")
    if count < have:
        raise KafkaError(
            ErrorCode.INVALID_PARTITIONS,
            f"The topic {topic.name} currently has {have} partition(s); {count} would not be an"
            " increase.",
        )
    check_total(count, config)
    if assignments is not None:
        if len(assignments) != count - have:
            raise KafkaError(
                ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                f"Attempted to add {count - have} additional partition(s), but only"
                f" {len(assignments)} assignment(s) were specified.",
            )
        for replicas in assignments:
            check_replicas(replicas, place)
        chosen = [list(replicas) for replicas in assignments]
    else:
        factor = min(len(place.living), len(topic.partitions[0].replicas))
        chosen = spread(image, place.living, count - have, factor)
    directories = choose_directories(image, topic.name, range(have, count), place)
    return [
        new_partition(topic.topic_id, index, replicas, directory)
        for index, replicas, directory in zip(range(have, count), chosen, directories, strict=True)
    ]


def next_producer_ids(
    image: MetadataImage, node_id: int, broker_epoch: int, at_least: int = 0
) -> tuple[int, list[Any]]:
    """Return the first producer id of a new block of PRODUCER_ID_BLOCK, and its record.

    The record holds the first id *after* the block, so a block is never given out twice.
    """
    known = 0 if image.producer_ids is None else image.producer_ids.next_producer_id
    first = max(known, at_least)
    record = ProducerIdsRecord(
        broker_id=node_id, broker_epoch=broker_epoch, next_producer_id=first + PRODUCER_ID_BLOCK
    )
    return first, [record]


def settings_for_elr(image: MetadataImage, config: BrokerConfig) -> list[Any]:
    """Return the records that eligible leader replicas rest on: one min.insync.replicas for all.

    Spec: KIP-966.
    """
    name = MIN_INSYNC
    records = [
        ConfigRecord(resource_type=RESOURCE_BROKER, resource_name=resource, name=name, value=None)
        for (kind, resource), own in image.configs.items()
        if kind == RESOURCE_BROKER and resource and name in own
    ]
    if name not in image.config(RESOURCE_BROKER, ""):
        value = config.static.get(name, "1")
        records.append(
            ConfigRecord(resource_type=RESOURCE_BROKER, resource_name="", name=name, value=value)
        )
    return records
