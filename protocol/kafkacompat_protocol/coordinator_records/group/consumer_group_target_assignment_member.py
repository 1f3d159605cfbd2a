"""ConsumerGroupTargetAssignmentMember (record type 7): what a member is to have."""

from kafkacompat_protocol.schema import Int32, String, Uuid, message, struct


@message(key=7, versions="0")
class ConsumerGroupTargetAssignmentMemberKey:
    group_id: String
    member_id: String


@struct
class ConsumerGroupTargetTopicPartition:
    topic_id: Uuid
    partitions: list[Int32]


@message(key=7, versions="0", flexible="0+")
class ConsumerGroupTargetAssignmentMemberValue:
    topic_partitions: list[ConsumerGroupTargetTopicPartition]
