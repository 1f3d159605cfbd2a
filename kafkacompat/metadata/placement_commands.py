"""Which brokers hold partitions, and in which directories: from an image to records. Pure.

With one broker there is little to choose; directories that Kafka wrote may name other brokers.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from kafkacompat.metadata.commands import Place, check_replicas
from kafkacompat.metadata.election_commands import all_partitions
from kafkacompat.metadata.image import NO_LEADER, MetadataImage, PartitionState, TopicState
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.metadata_records.brokers import UnregisterBrokerRecord
from kafkacompat_protocol.metadata_records.topics import PartitionChangeRecord
from kafkacompat_protocol.schema import ZERO_UUID
from kafkacompat_storage.names import TopicPartition


def is_reassigned(state: PartitionState) -> bool:
    """Whether a partition is on its way to other brokers."""
    return bool(state.record.adding_replicas or state.record.removing_replicas)


def reassign(
    image: MetadataImage,
    name: str,
    index: int,
    replicas: Sequence[int] | None,
    place: Place,
    *,
    may_change_factor: bool,
) -> list[Any]:
    """Return the records that put a partition on these brokers; None stops what is under way.

    Where some of them do not have its records yet it is only begun: `finish_reassignments`.

    Errors: UNKNOWN_TOPIC_OR_PARTITION, INVALID_REPLICA_ASSIGNMENT, INVALID_REPLICATION_FACTOR,
    NO_REASSIGNMENT_IN_PROGRESS.
    """
    topic = image.topics.get(name)
    if topic is None:
        raise KafkaError(
            ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"Unable to find a topic named {name}."
        )
    state = topic.partitions.get(index)
    if state is None:
        raise KafkaError(
            ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"Unable to find partition {name}:{index}."
        )
    now = _settled(state)
    if replicas is None:
        if not is_reassigned(state):
            raise KafkaError(ErrorCode.NO_REASSIGNMENT_IN_PROGRESS)
        return _put_on(topic, state, now, place.living)
    check_replicas(replicas, place)
    if not may_change_factor and len(replicas) != len(now):
        raise KafkaError(
            ErrorCode.INVALID_REPLICATION_FACTOR,
            f"The replication factor is changed from {len(now)} to {len(replicas)}",
        )
    if list(replicas) == state.replicas and not is_reassigned(state):
        return []
    if place.racks is not None and not set(replicas) <= set(state.isr):
        return _begin_to_put_on(topic, state, now, list(replicas))
    return _put_on(topic, state, list(replicas), place.living)


def finish_reassignments(image: MetadataImage, living: Collection[int]) -> list[Any]:
    """Return the records by which what was begun is done, where all who are to have it live."""
    records: list[Any] = []
    for topic, state in all_partitions(image):
        removing = state.record.removing_replicas
        wanted = [broker for broker in state.replicas if broker not in removing]
        if is_reassigned(state) and state.leader != NO_LEADER and set(wanted) <= set(living):
            records += _put_on(topic, state, wanted, living, in_sync=wanted)
    return records


def _begin_to_put_on(
    topic: TopicState, state: PartitionState, now: list[int], replicas: list[int]
) -> list[Any]:
    removing = [broker for broker in now if broker not in replicas]
    everywhere = replicas + removing
    change = PartitionChangeRecord(
        partition_id=state.index,
        topic_id=topic.topic_id,
        replicas=everywhere,
        adding_replicas=[broker for broker in replicas if broker not in now],
        removing_replicas=removing,
    )
    _keep_directories(state, change, everywhere)
    return [change]


def _settled(state: PartitionState) -> list[int]:
    """Return the replicas as they were before the reassignment that is under way."""
    adding = set(state.record.adding_replicas)
    return [broker for broker in state.replicas if broker not in adding]


def _put_on(
    topic: TopicState,
    state: PartitionState,
    replicas: list[int],
    living: Collection[int],
    in_sync: Sequence[int] = (),
) -> list[Any]:
    """Return the record that leaves a partition on these; who leads then is alive and in sync."""
    in_sync = list(in_sync) or [broker for broker in state.isr if broker in replicas] or replicas
    change = PartitionChangeRecord(
        partition_id=state.index,
        topic_id=topic.topic_id,
        replicas=replicas,
        isr=in_sync,
        adding_replicas=[],
        removing_replicas=[],
    )
    _keep_directories(state, change, replicas)
    if state.leader not in replicas:
        ready = (each for each in replicas if each in in_sync and each in living)
        leader = next(ready, NO_LEADER)
        if leader != state.leader:
            change.leader = leader
    return [change]


def _keep_directories(
    state: PartitionState, change: PartitionChangeRecord, replicas: Sequence[int]
) -> None:
    directories = dict(zip(state.replicas, state.record.directories, strict=False))
    if len(directories) == len(state.replicas):
        first = state.record.directories[0]
        change.directories = [directories.get(broker, first) for broker in replicas]


def assign_directories(
    image: MetadataImage, wanted: Mapping[TopicPartition, bytes], place: Place
) -> list[Any]:
    """Return the records that say in which log directories partitions of this node are.

    What does not exist, or is there already, is left out. Spec: KIP-858.
    """
    records: list[Any] = []
    for (name, index), directory in wanted.items():
        topic = image.topics.get(name)
        state = None if topic is None else topic.partitions.get(index)
        if topic is None or state is None or place.node_id not in state.replicas:
            continue
        if state.directory_of(place.node_id) == directory:
            continue
        known = state.record.directories
        directories = (
            known if len(known) == len(state.replicas) else [ZERO_UUID] * len(state.replicas)
        )
        changed = [
            directory if broker == place.node_id else other
            for broker, other in zip(state.replicas, directories, strict=True)
        ]
        records.append(
            PartitionChangeRecord(partition_id=index, topic_id=topic.topic_id, directories=changed)
        )
    return records


def unregister_broker(image: MetadataImage, broker_id: int, living: Collection[int]) -> list[Any]:
    """Return the record by which a broker is forgotten. Errors: BROKER_ID_NOT_REGISTERED."""
    broker = image.brokers.get(broker_id)
    if broker is None:
        raise KafkaError(
            ErrorCode.BROKER_ID_NOT_REGISTERED,
            f"Broker ID {broker_id} is not currently registered",
        )
    if broker_id in living:
        raise KafkaError(
            ErrorCode.INVALID_REQUEST, f"Broker {broker_id} is alive: it cannot be forgotten."
        )
    return [UnregisterBrokerRecord(broker_id=broker_id, broker_epoch=broker.broker_epoch)]
