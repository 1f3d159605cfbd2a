"""ShareFetch (key 78): acquire records as a member of a share group, acknowledging earlier ones."""

from kafkacompat_protocol.schema import (
    Bool,
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
class ShareFetchAcknowledgementBatch:
    first_offset: Int64
    last_offset: Int64
    acknowledge_types: list[Int8]
    """0 gap, 1 accept, 2 release, 3 reject, 4 renew; one for all offsets, or one for each."""


@struct
class ShareFetchPartition:
    partition_index: Int32
    acknowledgement_batches: list[ShareFetchAcknowledgementBatch] = at(default_factory=list)


@struct
class ShareFetchTopic:
    topic_id: Uuid
    partitions: list[ShareFetchPartition]


@struct
class ShareFetchForgottenTopic:
    topic_id: Uuid
    partitions: list[Int32]


# v0 was never stable (KIP-932); v2 adds the acquire mode (KIP-1206) and renewals (KIP-1222).
@message(key=78, versions="1-2", flexible="0+")
class ShareFetchRequest:
    group_id: String | None = at(default=None)
    member_id: String | None
    share_session_epoch: Int32
    max_wait_ms: Int32
    min_bytes: Int32
    max_bytes: Int32 = at(default=0x7FFFFFFF)
    max_records: Int32
    batch_size: Int32
    share_acquire_mode: Int8 = at("2+", default=0)
    is_renew_ack: Bool = at("2+", default=False)
    topics: list[ShareFetchTopic]
    forgotten_topics_data: list[ShareFetchForgottenTopic] = at(default_factory=list)


@struct
class ShareFetchLeader:
    leader_id: Int32 = at(default=0)
    leader_epoch: Int32 = at(default=0)


@struct
class AcquiredRecords:
    first_offset: Int64
    last_offset: Int64
    delivery_count: Int16


@struct
class ShareFetchPartitionData:
    partition_index: Int32
    error_code: Int16 = at(default=0)
    error_message: String | None = at(default=None)
    acknowledge_error_code: Int16 = at(default=0)
    acknowledge_error_message: String | None = at(default=None)
    current_leader: ShareFetchLeader = at(default_factory=ShareFetchLeader)
    records: Records = at(default=b"")
    acquired_records: list[AcquiredRecords] = at(default_factory=list)


@struct
class ShareFetchableTopicResponse:
    topic_id: Uuid
    partitions: list[ShareFetchPartitionData]


@struct
class ShareFetchNodeEndpoint:
    node_id: Int32
    host: String
    port: Int32
    rack: String | None = at(default=None)


# v2 is as v1.
@message(key=78, versions="1-2", flexible="0+")
class ShareFetchResponse:
    throttle_time_ms: Int32 = at(default=0)
    error_code: Int16 = at(default=0)
    error_message: String | None = at(default=None)
    acquisition_lock_timeout_ms: Int32 = at(default=0)
    responses: list[ShareFetchableTopicResponse] = at(default_factory=list)
    node_endpoints: list[ShareFetchNodeEndpoint] = at(default_factory=list)
