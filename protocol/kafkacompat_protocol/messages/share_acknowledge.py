"""ShareAcknowledge (key 79): say what became of acquired records, without fetching more."""

from kafkacompat_protocol.schema import (
    Bool,
    Int8,
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
class AcknowledgementBatch:
    first_offset: Int64
    last_offset: Int64
    acknowledge_types: list[Int8]
    """0 gap, 1 accept, 2 release, 3 reject, 4 renew; one for all offsets, or one for each."""


@struct
class AcknowledgePartition:
    partition_index: Int32
    acknowledgement_batches: list[AcknowledgementBatch]


@struct
class AcknowledgeTopic:
    topic_id: Uuid
    partitions: list[AcknowledgePartition]


# v0 was never stable (KIP-932); v2 adds renewals (KIP-1222).
@message(key=79, versions="1-2", flexible="0+")
class ShareAcknowledgeRequest:
    group_id: String | None = at(default=None)
    member_id: String | None
    share_session_epoch: Int32
    is_renew_ack: Bool = at("2+", default=False)
    topics: list[AcknowledgeTopic]


@struct
class ShareAcknowledgeLeader:
    leader_id: Int32 = at(default=0)
    leader_epoch: Int32 = at(default=0)


@struct
class ShareAcknowledgePartitionData:
    partition_index: Int32
    error_code: Int16 = at(default=0)
    error_message: String | None = at(default=None)
    current_leader: ShareAcknowledgeLeader = at(default_factory=ShareAcknowledgeLeader)


@struct
class ShareAcknowledgeTopicResponse:
    topic_id: Uuid
    partitions: list[ShareAcknowledgePartitionData]


@struct
class ShareAcknowledgeNodeEndpoint:
    node_id: Int32
    host: String
    port: Int32
    rack: String | None = at(default=None)


# v2 adds acquisition_lock_timeout_ms.
@message(key=79, versions="1-2", flexible="0+")
class ShareAcknowledgeResponse:
    throttle_time_ms: Int32 = at(default=0)
    error_code: Int16 = at(default=0)
    error_message: String | None = at(default=None)
    acquisition_lock_timeout_ms: Int32 = at("2+", default=0)
    responses: list[ShareAcknowledgeTopicResponse] = at(default_factory=list)
    node_endpoints: list[ShareAcknowledgeNodeEndpoint] = at(default_factory=list)
