"""Fetch (key 1): read record batches from partitions."""

from kafkacompat_protocol.schema import (
    ZERO_UUID,
    Int8,
    Int16,
    Int32,
    Int64,
    Records,
    String,
    Uuid,
    at,
    message,
    struct,
)


@struct
class ReplicaState:
    replica_id: Int32 = at(default=-1)
    replica_epoch: Int64 = at(default=-1)


@struct
class FetchPartition:
    partition: Int32
    current_leader_epoch: Int32 = at("9+", default=-1)
    fetch_offset: Int64
    last_fetched_epoch: Int32 = at("12+", default=-1)
    log_start_offset: Int64 = at("5+", default=-1)
    partition_max_bytes: Int32
    replica_directory_id: Uuid = at("17+", tag=0, default=ZERO_UUID)
    high_watermark: Int64 = at("18+", tag=1, default=0x7FFFFFFFFFFFFFFF)


@struct
class FetchTopic:
    topic: String = at("0-12", default="")
    topic_id: Uuid = at("13+", default=ZERO_UUID)
    partitions: list[FetchPartition]


@struct
class ForgottenTopic:
    topic: String = at("7-12", default="")
    topic_id: Uuid = at("13+", default=ZERO_UUID)
    partitions: list[Int32]


# v3 adds max_bytes for the whole response (KIP-74); v4 adds isolation_level (KIP-98).
# v5 adds log_start_offset, for followers; v7 adds fetch sessions (KIP-227).
# v9 adds current_leader_epoch (KIP-320); v10 allows zstd; v11 adds rack_id (KIP-392).
# v12 is flexible and detects divergence (KIP-595); v13 names topics by id (KIP-516).
# v15 moves the replica's id into replica_state (KIP-903); v17 and v18 are for followers.
@message(key=1, versions="0-18", flexible="12+")
class FetchRequest:
    cluster_id: String | None = at("12+", tag=0, default=None)
    replica_id: Int32 = at("0-14", default=-1)
    replica_state: ReplicaState = at("15+", tag=1, default_factory=ReplicaState)
    max_wait_ms: Int32
    min_bytes: Int32
    max_bytes: Int32 = at("3+", default=0x7FFFFFFF)
    isolation_level: Int8 = at("4+", default=0)
    session_id: Int32 = at("7+", default=0)
    session_epoch: Int32 = at("7+", default=-1)
    topics: list[FetchTopic]
    forgotten_topics_data: list[ForgottenTopic] = at("7+", default_factory=list)
    rack_id: String = at("11+", default="")


@struct
class EpochEndOffset:
    epoch: Int32 = at(default=-1)
    end_offset: Int64 = at(default=-1)


@struct
class LeaderIdAndEpoch:
    leader_id: Int32 = at(default=-1)
    leader_epoch: Int32 = at(default=-1)


@struct
class SnapshotId:
    end_offset: Int64 = at(default=-1)
    epoch: Int32 = at(default=-1)


@struct
class AbortedTransaction:
    producer_id: Int64
    first_offset: Int64


@struct
class PartitionData:
    partition_index: Int32
    error_code: Int16
    high_watermark: Int64
    last_stable_offset: Int64 = at("4+", default=-1)
    log_start_offset: Int64 = at("5+", default=-1)
    diverging_epoch: EpochEndOffset = at("12+", tag=0, default_factory=EpochEndOffset)
    current_leader: LeaderIdAndEpoch = at("12+", tag=1, default_factory=LeaderIdAndEpoch)
    snapshot_id: SnapshotId = at("12+", tag=2, default_factory=SnapshotId)
    aborted_transactions: list[AbortedTransaction] | None = at("4+", default_factory=list)
    preferred_read_replica: Int32 = at("11+", default=-1)
    records: Records | None = at(default=None)


@struct
class FetchableTopicResponse:
    topic: String = at("0-12", default="")
    topic_id: Uuid = at("13+", default=ZERO_UUID)
    partitions: list[PartitionData]


@struct
class NodeEndpoint:
    node_id: Int32
    host: String
    port: Int32
    rack: String | None = at(default=None)


# v1 adds throttle_time_ms; v4 adds last_stable_offset and aborted_transactions (KIP-98).
# v5 adds log_start_offset; v7 adds session_id and a top-level error_code (KIP-227).
# v11 adds preferred_read_replica (KIP-392); v12 is flexible; v13 names topics by id.
# v16 names the new leaders' addresses (KIP-951).
@message(key=1, versions="0-18", flexible="12+")
class FetchResponse:
    throttle_time_ms: Int32 = at("1+", default=0)
    error_code: Int16 = at("7+", default=0)
    session_id: Int32 = at("7+", default=0)
    responses: list[FetchableTopicResponse]
    node_endpoints: list[NodeEndpoint] = at("16+", tag=0, default_factory=list)
