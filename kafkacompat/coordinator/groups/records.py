"""Group state as records of __consumer_offsets, in versions that Kafka 2.4 to 4.3 all read."""

from typing import TYPE_CHECKING

from kafkacompat.coordinator.outcome import Write
from kafkacompat_protocol.coordinator_records.framing import encode_key, encode_value
from kafkacompat_protocol.coordinator_records.group.group_metadata import (
    GroupMetadataKey,
    GroupMetadataValue,
    MemberMetadata,
)
from kafkacompat_protocol.coordinator_records.group.offset_commit import (
    OffsetCommitKey,
    OffsetCommitValue,
)

if TYPE_CHECKING:
    from kafkacompat.coordinator.groups.classic import ClassicGroup

GROUP_VERSION = 3
OFFSET_VERSION = 3
OFFSET_VERSION_WITH_EXPIRY = 1
NEWER_VERSION = 0
"""Of all records of the newer kinds of groups."""


def group_record(
    group: "ClassicGroup", wall_ms: int, assignments: dict[str, bytes] | None = None
) -> Write:
    """Return the record of a group as it is, with these assignments in place of its members'."""
    value = GroupMetadataValue(
        protocol_type=group.protocol_type or "",
        generation=group.generation,
        protocol=group.protocol,
        leader=group.leader,
        current_state_timestamp=wall_ms,
        members=[
            MemberMetadata(
                member_id=member.member_id,
                group_instance_id=member.group_instance_id,
                client_id=member.client_id,
                client_host=member.client_host,
                rebalance_timeout=member.rebalance_timeout_ms,
                session_timeout=member.session_timeout_ms,
                subscription=member.subscription(group.protocol),
                assignment=(
                    member.assignment
                    if assignments is None
                    else assignments.get(member.member_id, b"")
                ),
            )
            for member in group.members.values()
        ],
    )
    return Write(GroupMetadataKey(group=group.group_id), value)


def group_tombstone(group_id: str) -> Write:
    """Return the record by which a group is gone."""
    return Write(GroupMetadataKey(group=group_id), None)


def offset_tombstone(group_id: str, topic: str, partition: int) -> Write:
    """Return the record by which a committed offset is gone."""
    return Write(OffsetCommitKey(group=group_id, topic=topic, partition=partition), None)


def encode_write(write: Write) -> tuple[bytes, bytes | None]:
    """Return a record's key and value as bytes."""
    key, value = encode_key(write.key), write.value
    if value is None:
        return key, None
    if isinstance(value, OffsetCommitValue):
        expires = value.expire_timestamp >= 0
        return key, encode_value(value, OFFSET_VERSION_WITH_EXPIRY if expires else OFFSET_VERSION)
    if isinstance(value, GroupMetadataValue):
        return key, encode_value(value, GROUP_VERSION)
    return key, encode_value(value, NEWER_VERSION)
