"""ConsumerGroupCurrentMemberAssignment (record type 8): what a member was told that it has."""

from kafkacompat_protocol.schema import Int8, Int32, String, Uuid, at, message, struct


@message(key=8, versions="0")
class ConsumerGroupCurrentMemberAssignmentKey:
    group_id: String
    member_id: String


@struct
class ConsumerGroupCurrentTopicPartitions:
    topic_id: Uuid
    partitions: list[Int32]
    assignment_epochs: list[Int32] = at("0+", tag=0, default_factory=list)
    """In which epoch each was assigned (KIP-1251); none where nobody kept that."""


@message(key=8, versions="0", flexible="0+")
class ConsumerGroupCurrentMemberAssignmentValue:
    member_epoch: Int32
    previous_member_epoch: Int32
    state: Int8
    assigned_partitions: list[ConsumerGroupCurrentTopicPartitions]
    partitions_pending_revocation: list[ConsumerGroupCurrentTopicPartitions]
