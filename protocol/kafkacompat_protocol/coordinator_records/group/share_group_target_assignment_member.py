"""ShareGroupTargetAssignmentMember (record type 13): what a member is to have."""

from kafkacompat_protocol.schema import Int32, String, Uuid, message, struct


@message(key=13, versions="0")
class ShareGroupTargetAssignmentMemberKey:
    group_id: String
    member_id: String


@struct
class ShareGroupTargetTopicPartition:
    topic_id: Uuid
    partitions: list[Int32]


@message(key=13, versions="0", flexible="0+")
class ShareGroupTargetAssignmentMemberValue:
    topic_partitions: list[ShareGroupTargetTopicPartition]
