"""AlterShareGroupOffsets (key 91): begin anew at given offsets, in an empty group (KIP-932)."""

from kafkacompat_protocol.schema import Int16, Int32, Int64, String, Uuid, at, message, struct


@struct
class AlterShareGroupOffsetsRequestPartition:
    partition_index: Int32
    start_offset: Int64


@struct
class AlterShareGroupOffsetsRequestTopic:
    topic_name: String
    partitions: list[AlterShareGroupOffsetsRequestPartition]


# v0 is the only version.
@message(key=91, versions="0", flexible="0+")
class AlterShareGroupOffsetsRequest:
    group_id: String
    topics: list[AlterShareGroupOffsetsRequestTopic]


@struct
class AlterShareGroupOffsetsResponsePartition:
    partition_index: Int32
    error_code: Int16 = at(default=0)
    error_message: String | None = at(default=None)


@struct
class AlterShareGroupOffsetsResponseTopic:
    topic_name: String
    topic_id: Uuid
    partitions: list[AlterShareGroupOffsetsResponsePartition]


# v0 is the only version.
@message(key=91, versions="0", flexible="0+")
class AlterShareGroupOffsetsResponse:
    throttle_time_ms: Int32 = at(default=0)
    error_code: Int16 = at(default=0)
    error_message: String | None = at(default=None)
    responses: list[AlterShareGroupOffsetsResponseTopic] = at(default_factory=list)
