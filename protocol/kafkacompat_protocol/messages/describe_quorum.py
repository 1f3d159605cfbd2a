"""DescribeQuorum (key 55): who votes on the cluster's metadata, and how far each has come."""

from kafkacompat_protocol.schema import (
    Int16,
    Int32,
    Int64,
    String,
    UInt16,
    Uuid,
    at,
    message,
    struct,
)


@struct
class PartitionData:
    partition_index: Int32


@struct
class TopicData:
    topic_name: String
    partitions: list[PartitionData]


# v0 is of KIP-595; v1 (KIP-836) and v2 (KIP-853) differ in the answer only.
@message(key=55, versions="0-2", flexible="0+")
class DescribeQuorumRequest:
    topics: list[TopicData]


@struct
class ReplicaState:
    replica_id: Int32
    replica_directory_id: Uuid = at("2+")
    log_end_offset: Int64
    last_fetch_timestamp: Int64 = at("1+", default=-1)
    last_caught_up_timestamp: Int64 = at("1+", default=-1)


@struct
class DescribedPartition:
    partition_index: Int32
    error_code: Int16
    error_message: String | None = at("2+", default=None)
    leader_id: Int32
    leader_epoch: Int32
    high_watermark: Int64
    current_voters: list[ReplicaState]
    observers: list[ReplicaState]


@struct
class DescribedTopic:
    topic_name: String
    partitions: list[DescribedPartition]


@struct
class QuorumListener:
    name: String
    host: String
    port: UInt16


@struct
class QuorumNode:
    node_id: Int32
    listeners: list[QuorumListener]


# v1 adds the times of a replica's last fetch (KIP-836); v2 messages, directories, nodes (KIP-853).
@message(key=55, versions="0-2", flexible="0+")
class DescribeQuorumResponse:
    error_code: Int16
    error_message: String | None = at("2+", default=None)
    topics: list[DescribedTopic]
    nodes: list[QuorumNode] = at("2+")
