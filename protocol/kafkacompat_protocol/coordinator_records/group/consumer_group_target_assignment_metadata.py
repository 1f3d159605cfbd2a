"""ConsumerGroupTargetAssignmentMetadata (record type 6): the epoch of a group's targets."""

from kafkacompat_protocol.schema import Int32, Int64, String, at, message


@message(key=6, versions="0")
class ConsumerGroupTargetAssignmentMetadataKey:
    group_id: String


@message(key=6, versions="0", flexible="0+")
class ConsumerGroupTargetAssignmentMetadataValue:
    assignment_epoch: Int32
    assignment_timestamp: Int64 = at("0+", tag=0, default=0)
