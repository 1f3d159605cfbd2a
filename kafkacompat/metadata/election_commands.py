"""Who leads a partition when brokers come and go, or when somebody asks for it. Pure.

The in-sync replicas are never none: the last of them stays one when it dies, as only it has all
that was acknowledged. Who leads without being one of them leads an unclean, shorter log.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from enum import IntEnum
from typing import Any

from kafkacompat.metadata.commands import Place
from kafkacompat.metadata.image import (
    NO_LEADER,
    UNCHANGED_LEADER,
    MetadataImage,
    PartitionState,
    TopicState,
)
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.metadata_records.topics import PartitionChangeRecord


class Election(IntEnum):
    """Which leader is wanted: the first replica, or anyone who is alive (KIP-460)."""

    PREFERRED = 0
    UNCLEAN = 1


def all_partitions(image: MetadataImage) -> Iterator[tuple[TopicState, PartitionState]]:
    """Yield every partition, with its topic."""
    for topic in image.topics.values():
        for state in topic.partitions.values():
            yield topic, state


def take_leadership(topic: TopicState, state: PartitionState, place: Place) -> list[Any]:
    """Return the record by which this node leads a partition of its own that nobody leads."""
    if state.leader != NO_LEADER or place.node_id not in state.replicas:
        return []
    return [_led_by(topic, state, place.node_id, isr=[place.node_id])]


def broker_lost(
    image: MetadataImage,
    broker: int,
    living: Collection[int],
    may_be_unclean: Callable[[str], bool],
) -> list[Any]:
    """Return the records by which partitions do without a broker, which is not `living` now."""
    records: list[Any] = []
    for topic, state in all_partitions(image):
        if broker not in state.isr and broker != state.leader:
            continue
        isr = [each for each in state.isr if each != broker] or list(state.isr)
        leader = UNCHANGED_LEADER
        if state.leader == broker:
            leader = _first(state.replicas, isr, living)
            if leader == NO_LEADER and may_be_unclean(topic.name):
                leader = _first(state.replicas, state.replicas, living)
                isr = isr if leader == NO_LEADER else [leader]
        if isr != state.isr or leader != UNCHANGED_LEADER:
            records.append(_led_by(topic, state, leader, isr=isr))
    return records


def broker_back(
    image: MetadataImage, broker: int, may_be_unclean: Callable[[str], bool]
) -> list[Any]:
    """Return the records by which a broker leads what nobody leads, if it has all of it."""
    return [
        _led_by(topic, state, broker, isr=[broker])
        for topic, state in all_partitions(image)
        if state.leader == NO_LEADER
        and (broker in state.isr or (broker in state.replicas and may_be_unclean(topic.name)))
    ]


def lagging(
    image: MetadataImage, brokers: Collection[int]
) -> Iterator[tuple[TopicState, PartitionState]]:
    """Yield the partitions that somebody leads and some of these brokers have, but not in sync."""
    for topic, state in all_partitions(image):
        if state.leader != NO_LEADER and any(
            each in brokers and each not in state.isr for each in state.replicas
        ):
            yield topic, state


def caught_up(image: MetadataImage, brokers: Collection[int]) -> list[Any]:
    """Return the records by which brokers are in sync with all who lead what they have."""
    return [
        PartitionChangeRecord(
            partition_id=state.index,
            topic_id=topic.topic_id,
            isr=[each for each in state.replicas if each in state.isr or each in brokers],
        )
        for topic, state in lagging(image, brokers)
    ]


def rebalanced(image: MetadataImage, living: Collection[int]) -> list[Any]:
    """Return the records by which preferred replicas lead, where they live and are in sync."""
    return [
        _led_by(topic, state, state.replicas[0])
        for topic, state in all_partitions(image)
        if state.replicas[0] in living
        and state.replicas[0] in state.isr
        and state.leader not in (state.replicas[0], NO_LEADER)
    ]


def move_leader(topic: TopicState, state: PartitionState, to: int) -> list[Any]:
    """Return the record by which another in-sync replica leads. Errors: NOT_LEADER_OR_FOLLOWER."""
    if to not in state.isr:
        raise KafkaError(
            ErrorCode.NOT_LEADER_OR_FOLLOWER,
            f"{topic.name}-{state.index} has no replica in sync on broker {to}",
        )
    return [_led_by(topic, state, to)]


def elect_leader(
    image: MetadataImage, name: str, index: int, election: Election, place: Place
) -> list[Any]:
    """Return the records by which a partition gets the leader that is wanted.

    Errors: UNKNOWN_TOPIC_OR_PARTITION, ELECTION_NOT_NEEDED, PREFERRED_LEADER_NOT_AVAILABLE,
    ELIGIBLE_LEADERS_NOT_AVAILABLE.
    """
    topic = image.topics.get(name)
    if topic is None:
        raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"No such topic as {name}")
    state = topic.partitions.get(index)
    if state is None:
        raise KafkaError(
            ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"No such partition as {name}-{index}"
        )
    is_preferred = bool(state.replicas) and state.leader == state.replicas[0]
    if is_preferred or (election == Election.UNCLEAN and state.leader != NO_LEADER):
        raise KafkaError(
            ErrorCode.ELECTION_NOT_NEEDED, "Leader election not needed for topic partition."
        )
    if election == Election.PREFERRED:
        preferred = state.replicas[0] if state.replicas else NO_LEADER
        is_ready = preferred in place.living and preferred in state.isr
        if place.racks is not None and is_ready:
            return [_led_by(topic, state, preferred)]
        is_here = place.racks is None and preferred == place.node_id
        if is_here and (records := take_leadership(topic, state, place)):
            return records
        raise KafkaError(
            ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE, "The preferred leader was not available."
        )
    leader = _first(state.replicas, state.isr, place.living)
    if leader == NO_LEADER:
        leader = _first(state.replicas, state.replicas, place.living)
    if leader == NO_LEADER:
        raise KafkaError(
            ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE,
            "Eligible topic partition leaders are not available.",
        )
    return [_led_by(topic, state, leader, isr=[leader])]


def _first(replicas: Iterable[int], among: Collection[int], living: Collection[int]) -> int:
    return next((each for each in replicas if each in among and each in living), NO_LEADER)


def _led_by(
    topic: TopicState, state: PartitionState, leader: int, *, isr: list[int] | None = None
) -> PartitionChangeRecord:
    change = PartitionChangeRecord(
        partition_id=state.index, topic_id=topic.topic_id, leader=leader, isr=isr
    )
    if isr is not None and (state.record.eligible_leader_replicas or state.record.last_known_elr):
        change.eligible_leader_replicas = []
        change.last_known_elr = []
    return change
