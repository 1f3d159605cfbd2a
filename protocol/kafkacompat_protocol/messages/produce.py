"""Produce (key 0): append record batches to partitions."""

from kafkacompat_protocol.schema import (
    ZERO_UUID,
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
class PartitionProduceData:
    index: Int32
    records: Records | None = at(default=None)


@struct
class TopicProduceData:
    name: String = at("0-12", default="")
    topic_id: Uuid = at("13+", default=ZERO_UUID)
    partition_data: list[PartitionProduceData]


# v0-v2 carry message formats v0 and v1; from v3 on only format v2, one batch per partition.
# v3 adds transactional_id (KIP-98); v7 allows zstd (KIP-110); v9 is flexible (KIP-482).
# v12 adds partitions to a transaction by itself (KIP-890); v13 names topics by id (KIP-516).
@message(key=0, versions="0-13", flexible="9+")
class ProduceRequest:
    transactional_id: String | None = at("3+", default=None)
    acks: Int16
    timeout_ms: Int32
    topic_data: list[TopicProduceData]


@struct
class BatchIndexAndErrorMessage:
    batch_index: Int32
    batch_index_error_message: String | None = at(default=None)


@struct
class LeaderIdAndEpoch:
    leader_id: Int32 = at(default=-1)
    leader_epoch: Int32 = at(default=-1)


@struct
class PartitionProduceResponse:
    index: Int32
    error_code: Int16
    base_offset: Int64
    log_append_time_ms: Int64 = at("2+", default=-1)
    log_start_offset: Int64 = at("5+", default=-1)
    record_errors: list[BatchIndexAndErrorMessage] = at("8+", default_factory=list)
    error_message: String | None = at("8+", default=None)
    current_leader: LeaderIdAndEpoch = at("10+", tag=0, default_factory=LeaderIdAndEpoch)


@struct
class TopicProduceResponse:
    name: String = at("0-12", default="")
    topic_id: Uuid = at("13+", default=ZERO_UUID)
    partition_responses: list[PartitionProduceResponse]


@struct
class NodeEndpoint:
    node_id: Int32
    host: String
    port: Int32
    rack: String | None = at(default=None)


# v1 adds throttle_time_ms, v2 log_append_time_ms (KIP-32), v5 log_start_offset (KIP-107).
# v8 says which records were bad, and why (KIP-467); v10 names the new leader (KIP-951).
@message(key=0, versions="0-13", flexible="9+")
class ProduceResponse:
    responses: list[TopicProduceResponse]
    throttle_time_ms: Int32 = at("1+", default=0)
    node_endpoints: list[NodeEndpoint] = at("10+", tag=0, default_factory=list)
