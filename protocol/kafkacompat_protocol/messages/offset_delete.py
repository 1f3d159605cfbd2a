"""OffsetDelete (key 47): delete committed offsets of a group (KIP-496)."""

from kafkacompat_protocol.schema import Int16, Int32, String, at, message, struct


@struct
class OffsetDeleteRequestPartition:
    partition_index: Int32


@struct
class OffsetDeleteRequestTopic:
    name: String
    partitions: list[OffsetDeleteRequestPartition]


# v0 is the only version.
@message(key=47, versions="0")
class OffsetDeleteRequest:
    group_id: String
    topics: list[OffsetDeleteRequestTopic]


@struct
class OffsetDeleteResponsePartition:
    partition_index: Int32
    error_code: Int16


@struct
class OffsetDeleteResponseTopic:
    name: String
    partitions: list[OffsetDeleteResponsePartition]


# v0 is the only version.
@message(key=47, versions="0")
class OffsetDeleteResponse:
    error_code: Int16
    throttle_time_ms: Int32 = at(default=0)
    topics: list[OffsetDeleteResponseTopic]
