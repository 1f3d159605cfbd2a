"""A group changes its kind while its members go on: classic to consumer, and back.

Spec: KIP-848 (online migration), `group.consumer.migration.policy`.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from kafkacompat.coordinator.groups.classic import ClassicGroup
from kafkacompat.coordinator.groups.consumer import records
from kafkacompat.coordinator.groups.consumer.member import ClassicProtocols, ConsumerMember
from kafkacompat.coordinator.groups.consumer.state import ConsumerGroupState
from kafkacompat.coordinator.groups.consumer.subscriptions import TopicsView
from kafkacompat.coordinator.groups.records import group_tombstone
from kafkacompat.coordinator.groups.topics import NOTHING, Assignment, Place, by_topic
from kafkacompat.coordinator.outcome import Write
from kafkacompat_protocol.coordinator_records.group.group_metadata import (
    GroupMetadataKey,
    GroupMetadataValue,
    MemberMetadata,
)
from kafkacompat_protocol.embedded.consumer_protocol_assignment import (
    AssignedTopicPartition,
    ConsumerProtocolAssignment,
)
from kafkacompat_protocol.embedded.consumer_protocol_subscription import (
    ConsumerProtocolSubscription,
)
from kafkacompat_protocol.embedded.framing import read_embedded, write_embedded
from kafkacompat_protocol.errors import WireError

CONSUMER = "consumer"
ASSIGNMENT_VERSION = 0


class Downgraded(NamedTuple):
    """An effect: the group is classic again, so its members are to join it anew."""

    group_id: str


def upgraded(classic: ClassicGroup, topics: TopicsView) -> list[Write] | None:
    """Return the records by which a classic group becomes a consumer group; None if it cannot.

    Members keep what they have. They are in an epoch that is the generation they knew; so is an
    empty group, so that no epoch is used twice.
    """
    if classic.members and classic.protocol_type != CONSUMER:
        return None
    group_id, epoch = classic.group_id, classic.generation
    found = [group_tombstone(group_id)]
    taken: set[Place] = set()
    members = []
    for member in classic.members.values():
        try:
            subscription = read_embedded(
                ConsumerProtocolSubscription,
                member.subscription(classic.protocol) or member.protocols[0][1],
            )
        except WireError:
            return None
        assigned = _assigned(member.assignment, topics) - taken
        taken |= assigned
        members.append(
            ConsumerMember(
                member_id=member.member_id,
                instance_id=member.group_instance_id,
                rack_id=subscription.rack_id,
                client_id=member.client_id,
                client_host=member.client_host,
                topics=tuple(sorted(set(subscription.topics))),
                rebalance_timeout_ms=member.rebalance_timeout_ms,
                classic=ClassicProtocols(member.session_timeout_ms, tuple(member.protocols)),
                epoch=epoch,
                previous_epoch=epoch,
                assigned=assigned,
            )
        )
    found += [records.member_record(group_id, member) for member in members]
    found.append(records.epoch_record(group_id, epoch, 0))
    found += [records.target_record(group_id, m.member_id, m.assigned) for m in members]
    found.append(records.targets_record(group_id, epoch, 0))
    found += [records.current_record(group_id, member) for member in members]
    return found


def emptied(group: ConsumerGroupState, wall_ms: int) -> list[Write]:
    """Return the records by which a consumer group without members is an empty classic one.

    Its generations go on where its epochs were, so that none is used twice.
    """
    value = GroupMetadataValue(
        protocol_type="",
        generation=group.epoch,
        protocol=None,
        leader=None,
        current_state_timestamp=wall_ms,
        members=[],
    )
    return [
        *records.group_tombstones(group.group_id),
        Write(GroupMetadataKey(group=group.group_id), value),
    ]


def _assigned(content: bytes, topics: TopicsView) -> Assignment:
    """Return what a classic member was given; what cannot be read is nothing."""
    if not content:
        return NOTHING
    try:
        value = read_embedded(ConsumerProtocolAssignment, content)
    except WireError:
        return NOTHING
    return frozenset(
        (topic.topic_id, index)
        for part in value.assigned_partitions
        if (topic := topics.find(part.topic)) is not None
        for index in part.partitions
    )


def embedded_assignment(assigned: Assignment, name_of: Callable[[bytes], str | None]) -> bytes:
    """Return an assignment as classic members read it."""
    parts = [(name_of(topic_id), indexes) for topic_id, indexes in by_topic(assigned)]
    value = ConsumerProtocolAssignment(
        assigned_partitions=[
            AssignedTopicPartition(topic=name, partitions=indexes)
            for name, indexes in sorted(parts, key=lambda part: part[0] or "")
            if name is not None
        ]
    )
    return write_embedded(value, ASSIGNMENT_VERSION)


def downgraded(
    group_id: str,
    members: Mapping[str, ConsumerMember],
    assignments: Mapping[str, bytes],
    generation: int,
    wall_ms: int,
) -> Write:
    """Return the record by which classic members alone are a classic group again."""
    protocol = _common(members)
    value = GroupMetadataValue(
        protocol_type=CONSUMER,
        generation=generation,
        protocol=protocol,
        leader=next(iter(members)),
        current_state_timestamp=wall_ms,
        members=[
            MemberMetadata(
                member_id=member.member_id,
                group_instance_id=member.instance_id,
                client_id=member.client_id,
                client_host=member.client_host,
                rebalance_timeout=member.rebalance_timeout_ms,
                session_timeout=member.classic.session_timeout_ms,
                subscription=dict(member.classic.protocols)[protocol],
                assignment=assignments[member.member_id],
            )
            for member in members.values()
            if member.classic is not None
        ],
    )
    return Write(GroupMetadataKey(group=group_id), value)


def _common(members: Mapping[str, ConsumerMember]) -> str:
    """Return the first protocol of the first member that all have: joining saw to it."""
    every = [dict(member.classic.protocols) for member in members.values() if member.classic]
    return next(name for name in every[0] if all(name in protocols for protocols in every))
