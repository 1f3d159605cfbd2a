"""Reassignments of partitions that name other brokers, too: of a cluster, or as Kafka left them.

What one broker alone answers is tested over the wire.
"""

import pytest

from kafkacompat.metadata.commands import Place, check_replicas
from kafkacompat.metadata.image import MetadataImage, PartitionState
from kafkacompat.metadata.placement_commands import (
    assign_directories,
    finish_reassignments,
    is_reassigned,
    reassign,
    unregister_broker,
)
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.metadata_records.brokers import RegisterBrokerRecord
from kafkacompat_protocol.metadata_records.topics import PartitionChangeRecord, TopicRecord
from kafkacompat_storage.names import TopicPartition
from tests.kafkacompat.metadata.test_image import ID, built, partition

HERE = Place(1, b"d" * 16)


def image_with(**changes: object) -> MetadataImage:
    """Return an image of one partition, changed."""
    image = built(TopicRecord(name="t", topic_id=ID), partition(0))
    change = PartitionChangeRecord(partition_id=0, topic_id=ID)
    for name, value in changes.items():
        setattr(change, name, value)
    image.apply(change)
    return image


def state_of(image: MetadataImage) -> PartitionState:
    return image.topics["t"].partitions[0]


def apply(image: MetadataImage, records: list[object]) -> PartitionState:
    for record in records:
        image.apply(record)
    return state_of(image)


def test_replicas_elsewhere_are_given_up() -> None:
    image = image_with(replicas=[2, 1], isr=[2, 1], directories=[b"e" * 16, b"d" * 16], leader=2)
    state = apply(image, reassign(image, "t", 0, [1], HERE, may_change_factor=True))
    assert (state.replicas, state.isr, state.leader) == ([1], [1], 1)
    assert state.record.directories == [b"d" * 16]


def test_how_many_replicas_there_are_stays_if_it_must() -> None:
    image = image_with(replicas=[1, 2], isr=[1])
    with pytest.raises(KafkaError) as refused:
        reassign(image, "t", 0, [1], HERE, may_change_factor=False)
    assert refused.value.code == ErrorCode.INVALID_REPLICATION_FACTOR


def test_what_kafka_began_can_be_stopped() -> None:
    image = image_with(replicas=[1, 2], isr=[1], adding_replicas=[2])
    assert is_reassigned(state_of(image))
    state = apply(image, reassign(image, "t", 0, None, HERE, may_change_factor=True))
    assert (state.replicas, state.isr, is_reassigned(state)) == ([1], [1], False)


def test_in_a_cluster_a_new_replica_is_awaited() -> None:
    place = Place(1, b"d" * 16, racks={1: None, 2: None, 3: None})
    image = image_with(replicas=[1, 2], isr=[1, 2], leader=1)
    state = apply(image, reassign(image, "t", 0, [3, 2], place, may_change_factor=False))
    assert (state.replicas, state.isr, state.leader) == ([3, 2, 1], [1, 2], 1)
    assert (state.record.adding_replicas, state.record.removing_replicas) == ([3], [1])
    assert finish_reassignments(image, [1, 2]) == []
    state = apply(image, finish_reassignments(image, [1, 2, 3]))
    assert (state.replicas, state.isr, state.leader) == ([3, 2], [3, 2], 3)
    assert not is_reassigned(state)


def test_a_reassignment_of_a_cluster_can_be_stopped() -> None:
    place = Place(1, b"d" * 16, racks={1: None, 2: None, 3: None})
    image = image_with(replicas=[1, 2], isr=[1, 2], leader=1)
    apply(image, reassign(image, "t", 0, [3, 2], place, may_change_factor=False))
    state = apply(image, reassign(image, "t", 0, None, place, may_change_factor=False))
    assert (sorted(state.replicas), state.isr, is_reassigned(state)) == ([1, 2], [1, 2], False)


def test_whom_nobody_led_is_led_by_nobody_out_of_sync_when_a_reassignment_stops() -> None:
    place = Place(1, b"d" * 16, racks={1: None, 3: None})
    image = image_with(replicas=[1, 3, 2], isr=[2], leader=-1, adding_replicas=[3])
    state = apply(image, reassign(image, "t", 0, None, place, may_change_factor=False))
    assert (state.replicas, state.isr, state.leader) == ([1, 2], [2], -1)


def test_replicas_are_brokers_that_are_registered_each_once() -> None:
    check_replicas([1], HERE)
    for replicas in ([], [2], [-1, 1], [1, 1]):
        with pytest.raises(KafkaError):
            check_replicas(replicas, HERE)


def test_only_another_broker_is_forgotten() -> None:
    image = MetadataImage()
    for broker in (1, 2):
        image.apply(RegisterBrokerRecord(broker_id=broker, broker_epoch=5, rack=None))
    (record,) = unregister_broker(image, 2, [1])
    assert (record.broker_id, record.broker_epoch) == (2, 5)
    for broker in (1, 3):
        with pytest.raises(KafkaError):
            unregister_broker(image, broker, [1])


def test_directories_are_noted_where_they_are_news() -> None:
    image = image_with(replicas=[2, 1], isr=[1], directories=[b"e" * 16, b"d" * 16])
    wanted = {TopicPartition("t", 0): b"f" * 16, TopicPartition("none", 0): b"f" * 16}
    state = apply(image, assign_directories(image, wanted, HERE))
    assert state.record.directories == [b"e" * 16, b"f" * 16]
    assert (state.leader_epoch, state.directory_of(1)) == (0, b"f" * 16)
    assert assign_directories(image, wanted, HERE) == []
    unknown = image_with(replicas=[1, 2], directories=[])
    state = apply(unknown, assign_directories(unknown, wanted, HERE))
    assert state.record.directories == [b"f" * 16, bytes(16)]
