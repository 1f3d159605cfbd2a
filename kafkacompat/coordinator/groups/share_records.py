"""Share groups as records of __consumer_offsets, as Kafka 4.3 writes them."""

from collections.abc import Mapping

from kafkacompat.coordinator.groups.topics import Assignment, by_topic
from kafkacompat.coordinator.outcome import Write
from kafkacompat_protocol.coordinator_records.group.share_group_current_member_assignment import (
    ShareGroupCurrentMemberAssignmentKey,
    ShareGroupCurrentMemberAssignmentValue,
    ShareGroupCurrentTopicPartitions,
)
from kafkacompat_protocol.coordinator_records.group.share_group_member_metadata import (
    ShareGroupMemberMetadataKey,
)
from kafkacompat_protocol.coordinator_records.group.share_group_metadata import (
    ShareGroupMetadataKey,
    ShareGroupMetadataValue,
)
from kafkacompat_protocol.coordinator_records.group.share_group_state_partition_metadata import (
    ShareGroupStatePartitionMetadataKey,
    ShareGroupStatePartitionMetadataValue,
    ShareGroupStateTopicPartitions,
)
from kafkacompat_protocol.coordinator_records.group.share_group_target_assignment_member import (
    ShareGroupTargetAssignmentMemberKey,
    ShareGroupTargetAssignmentMemberValue,
    ShareGroupTargetTopicPartition,
)
from kafkacompat_protocol.coordinator_records.group.share_group_target_assignment_metadata import (
    ShareGroupTargetAssignmentMetadataKey,
    ShareGroupTargetAssignmentMetadataValue,
)

VERSION = 0
STABLE = 0
Begun = Mapping[bytes, tuple[str, frozenset[int]]]
"""Topic id -> name, and the partitions that the group has begun with."""

SHARE_KEYS = (
    ShareGroupMetadataKey,
    ShareGroupMemberMetadataKey,
    ShareGroupTargetAssignmentMetadataKey,
    ShareGroupTargetAssignmentMemberKey,
    ShareGroupCurrentMemberAssignmentKey,
    ShareGroupStatePartitionMetadataKey,
)


def epoch_record(group_id: str, epoch: int, metadata_hash: int) -> Write:
    """Return the record of a group's epoch."""
    value = ShareGroupMetadataValue(epoch=epoch, metadata_hash=metadata_hash)
    return Write(ShareGroupMetadataKey(group_id=group_id), value)


def target_record(group_id: str, member_id: str, target: Assignment) -> Write:
    """Return the record of what a member is to have."""
    value = ShareGroupTargetAssignmentMemberValue(
        topic_partitions=[
            ShareGroupTargetTopicPartition(topic_id=topic_id, partitions=partitions)
            for topic_id, partitions in by_topic(target)
        ]
    )
    key = ShareGroupTargetAssignmentMemberKey(group_id=group_id, member_id=member_id)
    return Write(key, value)


def targets_record(group_id: str, epoch: int, wall_ms: int) -> Write:
    """Return the record of the epoch that the targets are of."""
    value = ShareGroupTargetAssignmentMetadataValue(
        assignment_epoch=epoch, assignment_timestamp=wall_ms
    )
    return Write(ShareGroupTargetAssignmentMetadataKey(group_id=group_id), value)


def current_record(
    group_id: str, member_id: str, epoch: int, previous_epoch: int, assigned: Assignment
) -> Write:
    """Return the record of what a member has."""
    value = ShareGroupCurrentMemberAssignmentValue(
        member_epoch=epoch,
        previous_member_epoch=previous_epoch,
        state=STABLE,
        assigned_partitions=[
            ShareGroupCurrentTopicPartitions(topic_id=topic_id, partitions=partitions)
            for topic_id, partitions in by_topic(assigned)
        ],
    )
    key = ShareGroupCurrentMemberAssignmentKey(group_id=group_id, member_id=member_id)
    return Write(key, value)


def begun_record(group_id: str, begun: Begun) -> Write:
    """Return the record of what a group has begun with."""
    value = ShareGroupStatePartitionMetadataValue(
        initializing_topics=[],
        initialized_topics=[
            ShareGroupStateTopicPartitions(
                topic_id=topic_id, topic_name=name, partitions=sorted(partitions)
            )
            for topic_id, (name, partitions) in sorted(begun.items())
        ],
        deleting_topics=[],
    )
    return Write(ShareGroupStatePartitionMetadataKey(group_id=group_id), value)


def member_tombstones(group_id: str, member_id: str) -> list[Write]:
    """Return the records by which a member is gone."""
    keys = (
        ShareGroupCurrentMemberAssignmentKey,
        ShareGroupTargetAssignmentMemberKey,
        ShareGroupMemberMetadataKey,
    )
    return [Write(key(group_id=group_id, member_id=member_id), None) for key in keys]


def group_tombstones(group_id: str) -> list[Write]:
    """Return the records by which a group without members is gone."""
    keys = (
        ShareGroupTargetAssignmentMetadataKey,
        ShareGroupStatePartitionMetadataKey,
        ShareGroupMetadataKey,
    )
    return [Write(key(group_id=group_id), None) for key in keys]
