"""OffsetForLeaderEpoch (key 23): find where the records of a leader epoch end."""

from kafkacompat_protocol.schema import Int16, Int32, Int64, String, at, message, struct


@struct
class OffsetForLeaderPartition:
    partition: Int32
    current_leader_epoch: Int32 = at("2+", default=-1)
    leader_epoch: Int32


@struct
class OffsetForLeaderTopic:
    topic: String
    partitions: list[OffsetForLeaderPartition]


# v2 adds current_leader_epoch (KIP-320); v3 adds replica_id; v4 is flexible.
@message(key=23, versions="0-4", flexible="4+")
class OffsetForLeaderEpochRequest:
    replica_id: Int32 = at("3+", default=-2)
    topics: list[OffsetForLeaderTopic]


@struct
class EpochEndOffset:
    error_code: Int16
    partition: Int32
    leader_epoch: Int32 = at("1+", default=-1)
    end_offset: Int64 = at(default=-1)


@struct
class OffsetForLeaderTopicResult:
    topic: String
    partitions: list[EpochEndOffset]


# v1 adds leader_epoch; v2 adds throttle_time_ms; v4 is flexible.
@message(key=23, versions="0-4", flexible="4+")
class OffsetForLeaderEpochResponse:
    throttle_time_ms: Int32 = at("2+", default=0)
    topics: list[OffsetForLeaderTopicResult]
