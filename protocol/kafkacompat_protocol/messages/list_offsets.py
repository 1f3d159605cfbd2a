"""ListOffsets (key 2): find offsets by timestamp."""

from kafkacompat_protocol.schema import Int8, Int16, Int32, Int64, String, at, message, struct


@struct
class ListOffsetsPartition:
    partition_index: Int32
    current_leader_epoch: Int32 = at("4+", default=-1)
    timestamp: Int64
    max_num_offsets: Int32 = at("0", default=1)


@struct
class ListOffsetsTopic:
    name: String
    partitions: list[ListOffsetsPartition]


# v0 asks for up to max_num_offsets offsets before a time; v1 for the first one at or after it.
# v2 adds isolation_level (KIP-98); v4 adds current_leader_epoch (KIP-320); v6 is flexible.
# v7 understands timestamp -3, the largest (KIP-734); v8 -4, the earliest local (KIP-405);
# v9 -5, the latest tiered (KIP-1005); v11 -6, the earliest pending upload (KIP-1023).
# v10 adds timeout_ms, for offsets that lie in tiered storage (KIP-1075).
@message(key=2, versions="0-11", flexible="6+")
class ListOffsetsRequest:
    replica_id: Int32
    isolation_level: Int8 = at("2+", default=0)
    topics: list[ListOffsetsTopic]
    timeout_ms: Int32 = at("10+", default=0)


@struct
class ListOffsetsPartitionResponse:
    partition_index: Int32
    error_code: Int16
    old_style_offsets: list[Int64] = at("0", default_factory=list)
    timestamp: Int64 = at("1+", default=-1)
    offset: Int64 = at("1+", default=-1)
    leader_epoch: Int32 = at("4+", default=-1)


@struct
class ListOffsetsTopicResponse:
    name: String
    partitions: list[ListOffsetsPartitionResponse]


# v0 answers old_style_offsets; v1 one timestamp and offset.
# v2 adds throttle_time_ms; v4 adds leader_epoch; v6 is flexible.
@message(key=2, versions="0-11", flexible="6+")
class ListOffsetsResponse:
    throttle_time_ms: Int32 = at("2+", default=0)
    topics: list[ListOffsetsTopicResponse]
