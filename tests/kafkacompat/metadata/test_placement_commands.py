"""Elections and reassignments of partitions that name other brokers, too, as Kafka may leave them.

What one broker alone answers is tested over the wire.
"""

import pytest

from kafkacompat.metadata.commands import Place, check_replicas
from kafkacompat.metadata.image import MetadataImage, PartitionState
from kafkacompat.metadata.placement_commands import (
    Election,
    assign_directories,
    elect_leader,
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


def test_whom_nobody_leads_is_led_from_here() -> None:
    for election in Election:
        image = image_with(leader=-1, isr=[])
        state = apply(image, elect_leader(image, "t", 0, election, HERE))
        assert (state.leader, state.isr) == (1, [1])


@pytest.mark.parametrize(
    ("election", "code"),
    [
        (Election.PREFERRED, ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE),
        (Election.UNCLEAN, ErrorCode.ELECTION_NOT_NEEDED),
    ],
)
def test_a_preferred_leader_of_another_cluster_is_not_to_be_had(
    election: Election, code: ErrorCode
) -> None:
    image = image_with(replicas=[2, 1], isr=[1], leader=1)
    with pytest.raises(KafkaError) as refused:
        elect_leader(image, "t", 0, election, HERE)
    assert refused.value.code == code


def test_a_partition_that_is_not_held_here_finds_no_leader() -> None:
    image = image_with(replicas=[2, 3], isr=[2], leader=-1)
    with pytest.raises(KafkaError) as refused:
        elect_leader(image, "t", 0, Election.UNCLEAN, HERE)
    assert refused.value.code == ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE


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


def test_replicas_are_brokers_that_are_registered_each_once() -> None:
    check_replicas([1], 1)
    for replicas in ([], [2], [-1, 1], [1, 1]):
        with pytest.raises(KafkaError):
            check_replicas(replicas, 1)


def test_only_another_broker_is_forgotten() -> None:
    image = MetadataImage()
    for broker in (1, 2):
        image.apply(RegisterBrokerRecord(broker_id=broker, broker_epoch=5, rack=None))
    (record,) = unregister_broker(image, 2, node_id=1)
    assert (record.broker_id, record.broker_epoch) == (2, 5)
    for broker in (1, 3):
        with pytest.raises(KafkaError):
            unregister_broker(image, broker, node_id=1)


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
