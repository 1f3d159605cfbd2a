"""OffsetCommit (key 8): keep how far a consumer group has read."""

from kafkacompat_protocol.schema import (
    ZERO_UUID,
    Int16,
    Int32,
    Int64,
    String,
    Uuid,
    at,
    message,
    struct,
)


@struct
class OffsetCommitRequestPartition:
    partition_index: Int32
    committed_offset: Int64
    committed_leader_epoch: Int32 = at("6+", default=-1)
    commit_timestamp: Int64 = at("1", default=-1)
    committed_metadata: String | None


@struct
class OffsetCommitRequestTopic:
    name: String = at("0-9", default="")
    topic_id: Uuid = at("10+", default=ZERO_UUID)
    partitions: list[OffsetCommitRequestPartition]


# v1 adds generation and member, and a timestamp per partition (only there).
# v2 has one retention_time_ms instead, dropped in v5 (KIP-211).
# v6 adds committed_leader_epoch (KIP-320); v7 adds group_instance_id (KIP-345).
# v8 is flexible; v9 serves members of consumer groups (KIP-848); v10 names topics by id.
@message(key=8, versions="0-10", flexible="8+")
class OffsetCommitRequest:
    group_id: String
    generation_id_or_member_epoch: Int32 = at("1+", default=-1)
    member_id: String = at("1+", default="")
    group_instance_id: String | None = at("7+", default=None)
    retention_time_ms: Int64 = at("2-4", default=-1)
    topics: list[OffsetCommitRequestTopic]


@struct
class OffsetCommitResponsePartition:
    partition_index: Int32
    error_code: Int16


@struct
class OffsetCommitResponseTopic:
    name: String = at("0-9", default="")
    topic_id: Uuid = at("10+", default=ZERO_UUID)
    partitions: list[OffsetCommitResponsePartition]


# v3 adds throttle_time_ms; v8 is flexible; v10 names topics by id.
@message(key=8, versions="0-10", flexible="8+")
class OffsetCommitResponse:
    throttle_time_ms: Int32 = at("3+", default=0)
    topics: list[OffsetCommitResponseTopic]
