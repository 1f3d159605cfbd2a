"""Metadata (key 3): describe brokers, topics, and who leads what."""

from kafkacompat_protocol.schema import (
    ZERO_UUID,
    Bool,
    Int16,
    Int32,
    String,
    Uuid,
    at,
    message,
    struct,
)


@struct
class MetadataRequestTopic:
    topic_id: Uuid = at("10+", default=ZERO_UUID)
    name: String | None = at(nullable="10+", default="")


# v0: no topics means all; from v1 on null means all and empty means none.
# v4 adds allow_auto_topic_creation; v8 asks for authorized operations (KIP-430); v9 is flexible.
# v10 adds topic_id (KIP-516); v11 moves the cluster's operations to DescribeCluster (KIP-700);
# v12 finds topics by id.
@message(key=3, versions="0-13", flexible="9+")
class MetadataRequest:
    topics: list[MetadataRequestTopic] | None = at(nullable="1+", default_factory=list)
    allow_auto_topic_creation: Bool = at("4+", default=True)
    include_cluster_authorized_operations: Bool = at("8-10", default=False)
    include_topic_authorized_operations: Bool = at("8+", default=False)


@struct
class MetadataResponseBroker:
    node_id: Int32
    host: String
    port: Int32
    rack: String | None = at("1+", default=None)


@struct
class MetadataResponsePartition:
    error_code: Int16
    partition_index: Int32
    leader_id: Int32
    leader_epoch: Int32 = at("7+", default=-1)
    replica_nodes: list[Int32]
    isr_nodes: list[Int32]
    offline_replicas: list[Int32] = at("5+", default_factory=list)


@struct
class MetadataResponseTopic:
    error_code: Int16
    name: String | None = at(nullable="12+", default="")
    topic_id: Uuid = at("10+", default=ZERO_UUID)
    is_internal: Bool = at("1+", default=False)
    partitions: list[MetadataResponsePartition]
    topic_authorized_operations: Int32 = at("8+", default=-2147483648)


# v1 adds rack, controller_id and is_internal; v2 adds cluster_id; v3 adds throttle_time_ms.
# v5 adds offline_replicas (KIP-112); v7 adds leader_epoch (KIP-320); v8 adds operations.
# v9 is flexible; v10 adds topic_id; v12 allows topics without a name.
# v13 adds a top-level error_code, for a client that should bootstrap anew (KIP-1102).
@message(key=3, versions="0-13", flexible="9+")
class MetadataResponse:
    throttle_time_ms: Int32 = at("3+", default=0)
    brokers: list[MetadataResponseBroker]
    cluster_id: String | None = at("2+", default=None)
    controller_id: Int32 = at("1+", default=-1)
    topics: list[MetadataResponseTopic]
    cluster_authorized_operations: Int32 = at("8-10", default=-2147483648)
    error_code: Int16 = at("13+", default=0)
