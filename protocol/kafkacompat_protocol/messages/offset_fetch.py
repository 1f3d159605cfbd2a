"""OffsetFetch (key 9): look up how far consumer groups have read."""

from kafkacompat_protocol.schema import (
    ZERO_UUID,
    Bool,
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
class OffsetFetchRequestTopic:
    name: String
    partition_indexes: list[Int32]


@struct
class OffsetFetchRequestTopics:
    name: String = at("8-9", default="")
    topic_id: Uuid = at("10+", default=ZERO_UUID)
    partition_indexes: list[Int32]


@struct
class OffsetFetchRequestGroup:
    group_id: String
    member_id: String | None = at("9+", default=None)
    member_epoch: Int32 = at("9+", default=-1)
    topics: list[OffsetFetchRequestTopics] | None


# v0 looked in ZooKeeper, v1 in the group's topic, in the same form.
# v2 gives all partitions for null topics (KIP-88); v6 is flexible.
# v7 adds require_stable (KIP-447); v8 asks for several groups (KIP-709);
# v9 adds the member and its epoch (KIP-848); v10 names topics by id.
@message(key=9, versions="0-10", flexible="6+")
class OffsetFetchRequest:
    group_id: String = at("0-7", default="")
    topics: list[OffsetFetchRequestTopic] | None = at("0-7", nullable="2-7", default_factory=list)
    groups: list[OffsetFetchRequestGroup] = at("8+", default_factory=list)
    require_stable: Bool = at("7+", default=False)


@struct
class OffsetFetchResponsePartition:
    partition_index: Int32
    committed_offset: Int64
    committed_leader_epoch: Int32 = at("5+", default=-1)
    metadata: String | None
    error_code: Int16


@struct
class OffsetFetchResponseTopic:
    name: String
    partitions: list[OffsetFetchResponsePartition]


@struct
class OffsetFetchResponsePartitions:
    partition_index: Int32
    committed_offset: Int64
    committed_leader_epoch: Int32 = at(default=-1)
    metadata: String | None
    error_code: Int16


@struct
class OffsetFetchResponseTopics:
    name: String = at("8-9", default="")
    topic_id: Uuid = at("10+", default=ZERO_UUID)
    partitions: list[OffsetFetchResponsePartitions]


@struct
class OffsetFetchResponseGroup:
    group_id: String
    topics: list[OffsetFetchResponseTopics]
    error_code: Int16


# v2 adds a top-level error_code; v3 adds throttle_time_ms; v5 adds committed_leader_epoch.
# v6 is flexible; v8 answers per group; v10 names topics by id.
@message(key=9, versions="0-10", flexible="6+")
class OffsetFetchResponse:
    throttle_time_ms: Int32 = at("3+", default=0)
    topics: list[OffsetFetchResponseTopic] = at("0-7", default_factory=list)
    error_code: Int16 = at("2-7", default=0)
    groups: list[OffsetFetchResponseGroup] = at("8+", default_factory=list)
