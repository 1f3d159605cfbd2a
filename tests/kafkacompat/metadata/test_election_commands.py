"""Elections: by one broker of partitions that name others, too, and in a cluster."""

import pytest

from kafkacompat.metadata.commands import Place
from kafkacompat.metadata.election_commands import (
    Election,
    broker_back,
    broker_lost,
    caught_up,
    elect_leader,
    move_leader,
    take_leadership,
)
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.metadata_records.topics import PartitionChangeRecord, TopicRecord
from tests.kafkacompat.metadata.test_image import ID, built, partition
from tests.kafkacompat.metadata.test_placement_commands import apply, image_with, state_of

HERE = Place(1, b"d" * 16)
ALL = {1: None, 2: None, 3: None}


def never(topic: str) -> bool:
    return False


def always(topic: str) -> bool:
    return True


def test_leadership_is_taken_of_own_partitions_that_nobody_leads() -> None:
    image = built(TopicRecord(name="t", topic_id=ID), partition(0))
    topic = image.topics["t"]
    assert take_leadership(topic, topic.partitions[0], HERE) == []
    image.apply(
        PartitionChangeRecord(
            partition_id=0, topic_id=ID, isr=[], leader=-1, eligible_leader_replicas=[1]
        )
    )
    (change,) = take_leadership(topic, topic.partitions[0], HERE)
    assert (change.isr, change.leader, change.eligible_leader_replicas) == ([1], 1, [])
    elsewhere = Place(2, b"d" * 16)
    assert take_leadership(topic, topic.partitions[0], elsewhere) == []


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


def test_the_next_in_sync_leads_when_the_leader_is_lost() -> None:
    image = image_with(replicas=[1, 2, 3], isr=[1, 3], leader=1)
    epoch = state_of(image).leader_epoch
    state = apply(image, broker_lost(image, 1, [2, 3], never))
    assert (state.leader, state.isr, state.leader_epoch) == (3, [3], epoch + 1)


def test_a_follower_that_is_lost_is_out_of_sync_and_the_leader_stays() -> None:
    image = image_with(replicas=[1, 2], isr=[1, 2], leader=1)
    epoch = state_of(image).leader_epoch
    state = apply(image, broker_lost(image, 2, [1], never))
    assert (state.leader, state.isr, state.leader_epoch) == (1, [1], epoch)
    assert broker_lost(image, 3, [1], never) == []


def test_the_last_in_sync_stays_so_and_leads_when_it_is_back() -> None:
    image = image_with(replicas=[1, 2], isr=[1], leader=1)
    state = apply(image, broker_lost(image, 1, [2], never))
    assert (state.leader, state.isr) == (-1, [1])
    assert broker_back(image, 2, never) == []
    state = apply(image, broker_back(image, 1, never))
    assert (state.leader, state.isr) == (1, [1])


def test_where_it_may_be_unclean_another_leads() -> None:
    image = image_with(replicas=[1, 2], isr=[1], leader=1)
    state = apply(image, broker_lost(image, 1, [2], always))
    assert (state.leader, state.isr) == (2, [2])
    state = apply(image, broker_lost(image, 2, [], always))
    assert (state.leader, state.isr) == (-1, [2])
    state = apply(image, broker_back(image, 1, always))
    assert (state.leader, state.isr) == (1, [1])


def test_who_has_caught_up_is_in_sync_in_the_order_of_the_replicas() -> None:
    image = image_with(replicas=[1, 2, 3], isr=[3], leader=3)
    state = apply(image, caught_up(image, [1, 4]))
    assert (state.leader, state.isr) == (3, [1, 3])
    assert caught_up(image, [1, 4]) == []


def test_the_preferred_leader_is_elected_once_it_is_in_sync() -> None:
    place = Place(1, b"d" * 16, racks=ALL)
    image = image_with(replicas=[2, 3], isr=[3], leader=3)
    with pytest.raises(KafkaError) as refused:
        elect_leader(image, "t", 0, Election.PREFERRED, place)
    assert refused.value.code == ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE
    apply(image, caught_up(image, [2]))
    assert apply(image, elect_leader(image, "t", 0, Election.PREFERRED, place)).leader == 2


def test_an_unclean_leader_is_alone_in_sync() -> None:
    image = image_with(replicas=[1, 2, 3], isr=[3], leader=-1)
    place = Place(1, b"d" * 16, racks={2: None})
    state = apply(image, elect_leader(image, "t", 0, Election.UNCLEAN, place))
    assert (state.leader, state.isr) == (2, [2])


def test_a_leader_moves_only_to_who_is_in_sync() -> None:
    image = image_with(replicas=[1, 2], isr=[1], leader=1)
    with pytest.raises(KafkaError):
        move_leader(image.topics["t"], state_of(image), 2)
    apply(image, caught_up(image, [2]))
    assert apply(image, move_leader(image.topics["t"], state_of(image), 2)).leader == 2
