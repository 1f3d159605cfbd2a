"""TxnOffsetCommit (key 28): commit a group's offsets as part of a transaction."""

from kafkacompat_protocol.schema import Int16, Int32, Int64, String, at, message, struct


@struct
class TxnOffsetCommitRequestPartition:
    partition_index: Int32
    committed_offset: Int64
    committed_leader_epoch: Int32 = at("2+", default=-1)
    committed_metadata: String | None


@struct
class TxnOffsetCommitRequestTopic:
    name: String
    partitions: list[TxnOffsetCommitRequestPartition]


# v2 adds leader epochs (KIP-320); v3 is flexible and adds the member (KIP-447).
# v4 may answer TRANSACTION_ABORTABLE; v5 adds the group to the transaction by itself (KIP-890).
@message(key=28, versions="0-5", flexible="3+")
class TxnOffsetCommitRequest:
    transactional_id: String
    group_id: String
    producer_id: Int64
    producer_epoch: Int16
    generation_id: Int32 = at("3+", default=-1)
    member_id: String = at("3+", default="")
    group_instance_id: String | None = at("3+", default=None)
    topics: list[TxnOffsetCommitRequestTopic]


@struct
class TxnOffsetCommitResponsePartition:
    partition_index: Int32
    error_code: Int16


@struct
class TxnOffsetCommitResponseTopic:
    name: String
    partitions: list[TxnOffsetCommitResponsePartition]


# v3 is flexible.
@message(key=28, versions="0-5", flexible="3+")
class TxnOffsetCommitResponse:
    throttle_time_ms: Int32 = at(default=0)
    topics: list[TxnOffsetCommitResponseTopic]
