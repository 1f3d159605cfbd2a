"""ShareGroupTargetAssignmentMetadata (record type 12): the epoch of a share group's targets."""

from kafkacompat_protocol.schema import Int32, Int64, String, at, message


@message(key=12, versions="0")
class ShareGroupTargetAssignmentMetadataKey:
    group_id: String


# Kafka 4.3 adds assignment_timestamp, as a tag of v0.
@message(key=12, versions="0", flexible="0+")
class ShareGroupTargetAssignmentMetadataValue:
    assignment_epoch: Int32
    assignment_timestamp: Int64 = at("0+", tag=0, default=0)
