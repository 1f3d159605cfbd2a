"""Consumer groups as records of `__consumer_offsets`, as Kafka 4.3 writes them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from kafkacompat.coordinator.groups.consumer.member import (
    ClassicProtocols,
    ConsumerMember,
    MemberState,
)
from kafkacompat.coordinator.groups.topics import Assignment, by_topic
from kafkacompat.coordinator.outcome import Write
from kafkacompat_protocol.coordinator_records.group import (
    consumer_group_current_member_assignment as current,
)
from kafkacompat_protocol.coordinator_records.group import (
    consumer_group_member_metadata as metadata,
)
from kafkacompat_protocol.coordinator_records.group import (
    consumer_group_target_assignment_member as target_member,
)
from kafkacompat_protocol.coordinator_records.group import (
    consumer_group_target_assignment_metadata as targets,
)
from kafkacompat_protocol.coordinator_records.group.consumer_group_metadata import (
    ConsumerGroupMetadataKey,
    ConsumerGroupMetadataValue,
)
from kafkacompat_protocol.coordinator_records.group.consumer_group_regular_expression import (
    ConsumerGroupRegularExpressionKey,
    ConsumerGroupRegularExpressionValue,
)

EpochKey = ConsumerGroupMetadataKey
MemberKey = metadata.ConsumerGroupMemberMetadataKey
TargetsKey = targets.ConsumerGroupTargetAssignmentMetadataKey
TargetKey = target_member.ConsumerGroupTargetAssignmentMemberKey
CurrentKey = current.ConsumerGroupCurrentMemberAssignmentKey
PatternKey = ConsumerGroupRegularExpressionKey

CONSUMER_KEYS = (EpochKey, MemberKey, TargetsKey, TargetKey, CurrentKey, PatternKey)


def epoch_record(group_id: str, epoch: int, metadata_hash: int) -> Write:
    """Return the record of a group's epoch."""
    value = ConsumerGroupMetadataValue(epoch=epoch, metadata_hash=metadata_hash)
    return Write(EpochKey(group_id=group_id), value)


def member_record(group_id: str, member: ConsumerMember) -> Write:
    """Return the record of what a member says of itself."""
    classic = member.classic
    value = metadata.ConsumerGroupMemberMetadataValue(
        instance_id=member.instance_id,
        rack_id=member.rack_id,
        client_id=member.client_id,
        client_host=member.client_host,
        subscribed_topic_names=list(member.topics),
        subscribed_topic_regex=member.pattern,
        rebalance_timeout_ms=member.rebalance_timeout_ms,
        server_assignor=member.assignor,
        classic_member_metadata=None
        if classic is None
        else metadata.ClassicMemberMetadata(
            session_timeout_ms=classic.session_timeout_ms,
            supported_protocols=[
                metadata.ClassicProtocol(name=name, metadata=content)
                for name, content in classic.protocols
            ],
        ),
    )
    return Write(MemberKey(group_id=group_id, member_id=member.member_id), value)


def described(member: ConsumerMember, value: Any) -> ConsumerMember:
    """Return a member as `member_record` says it is."""
    classic = value.classic_member_metadata
    return replace(
        member,
        instance_id=value.instance_id,
        rack_id=value.rack_id,
        client_id=value.client_id,
        client_host=value.client_host,
        topics=tuple(value.subscribed_topic_names),
        pattern=value.subscribed_topic_regex or "",
        rebalance_timeout_ms=value.rebalance_timeout_ms,
        assignor=value.server_assignor,
        classic=None
        if classic is None or not classic.supported_protocols
        else ClassicProtocols(
            classic.session_timeout_ms,
            tuple((each.name, each.metadata) for each in classic.supported_protocols),
        ),
    )


def targets_record(group_id: str, epoch: int, wall_ms: int) -> Write:
    """Return the record of the epoch that the targets are of."""
    value = targets.ConsumerGroupTargetAssignmentMetadataValue(
        assignment_epoch=epoch, assignment_timestamp=wall_ms
    )
    return Write(TargetsKey(group_id=group_id), value)


def target_record(group_id: str, member_id: str, target: Assignment) -> Write:
    """Return the record of what a member is to have."""
    value = target_member.ConsumerGroupTargetAssignmentMemberValue(
        topic_partitions=[
            target_member.ConsumerGroupTargetTopicPartition(topic_id=topic_id, partitions=indexes)
            for topic_id, indexes in by_topic(target)
        ]
    )
    return Write(TargetKey(group_id=group_id, member_id=member_id), value)


def current_record(group_id: str, member: ConsumerMember) -> Write:
    """Return the record of what a member was told that it has."""
    value = current.ConsumerGroupCurrentMemberAssignmentValue(
        member_epoch=member.epoch,
        previous_member_epoch=member.previous_epoch,
        state=member.state,
        assigned_partitions=_current(member.assigned),
        partitions_pending_revocation=_current(member.revoking),
    )
    return Write(CurrentKey(group_id=group_id, member_id=member.member_id), value)


def placed(member: ConsumerMember, value: Any) -> ConsumerMember:
    """Return a member as `current_record` says that it is placed."""
    known = {state.value for state in MemberState}
    return replace(
        member,
        epoch=value.member_epoch,
        previous_epoch=value.previous_member_epoch,
        state=MemberState(value.state) if value.state in known else MemberState.STABLE,
        assigned=places(value.assigned_partitions),
        revoking=places(value.partitions_pending_revocation),
    )


def places(topics: Iterable[Any]) -> Assignment:
    """Return partitions that are listed by topic."""
    return frozenset((topic.topic_id, index) for topic in topics for index in topic.partitions)


def _current(assignment: Assignment) -> list[current.ConsumerGroupCurrentTopicPartitions]:
    return [
        current.ConsumerGroupCurrentTopicPartitions(topic_id=topic_id, partitions=indexes)
        for topic_id, indexes in by_topic(assignment)
    ]


def pattern_record(group_id: str, pattern: str, topics: Iterable[str], wall_ms: int) -> Write:
    """Return the record of the topics that a pattern stands for."""
    value = ConsumerGroupRegularExpressionValue(topics=sorted(topics), version=0, timestamp=wall_ms)
    return Write(PatternKey(group_id=group_id, regular_expression=pattern), value)


def pattern_tombstone(group_id: str, pattern: str) -> Write:
    """Return the record by which nobody subscribes by a pattern any more."""
    return Write(PatternKey(group_id=group_id, regular_expression=pattern), None)


def member_tombstones(group_id: str, member_id: str) -> list[Write]:
    """Return the records by which a member is gone."""
    return [
        Write(key(group_id=group_id, member_id=member_id), None)
        for key in (CurrentKey, TargetKey, MemberKey)
    ]


def group_tombstones(group_id: str) -> list[Write]:
    """Return the records by which a group without members is gone."""
    return [Write(key(group_id=group_id), None) for key in (TargetsKey, EpochKey)]
