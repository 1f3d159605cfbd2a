"""ConsumerProtocolAssignment: what a consumer is given, in SyncGroup's assignment."""

from kafkacompat_protocol.schema import Bytes, Int32, String, at, message, struct


@struct
class AssignedTopicPartition:
    topic: String
    partitions: list[Int32]


# v0 to v3 are the same.
@message(versions="0-3")
class ConsumerProtocolAssignment:
    assigned_partitions: list[AssignedTopicPartition]
    user_data: Bytes | None = at(default=None)
