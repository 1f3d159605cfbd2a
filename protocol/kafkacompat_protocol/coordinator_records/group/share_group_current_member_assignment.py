"""ShareGroupCurrentMemberAssignment (record type 14): what a member was told that it has."""

from kafkacompat_protocol.schema import Int8, Int32, String, Uuid, message, struct


@message(key=14, versions="0")
class ShareGroupCurrentMemberAssignmentKey:
    group_id: String
    member_id: String


@struct
class ShareGroupCurrentTopicPartitions:
    topic_id: Uuid
    partitions: list[Int32]


@message(key=14, versions="0", flexible="0+")
class ShareGroupCurrentMemberAssignmentValue:
    member_epoch: Int32
    previous_member_epoch: Int32
    state: Int8
    """0 stable, the only one that members of share groups have."""
    assigned_partitions: list[ShareGroupCurrentTopicPartitions]
