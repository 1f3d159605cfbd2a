"""CreateTopics (key 19): create topics."""

from kafkacompat_protocol.schema import (
    ZERO_UUID,
    Bool,
    Int8,
    Int16,
    Int32,
    String,
    Uuid,
    at,
    message,
    struct,
)


@struct
class CreatableReplicaAssignment:
    partition_index: Int32
    broker_ids: list[Int32]


@struct
class CreatableTopicConfig:
    name: String
    value: String | None


@struct
class CreatableTopic:
    name: String
    num_partitions: Int32
    replication_factor: Int16
    assignments: list[CreatableReplicaAssignment]
    configs: list[CreatableTopicConfig]


# v1 adds validate_only; v4 takes -1 for the broker's own defaults (KIP-464); v5 is flexible.
# v6 may answer THROTTLING_QUOTA_EXCEEDED (KIP-599).
@message(key=19, versions="0-7", flexible="5+")
class CreateTopicsRequest:
    topics: list[CreatableTopic]
    timeout_ms: Int32 = at(default=60000)
    validate_only: Bool = at("1+", default=False)


@struct
class CreatableTopicConfigs:
    name: String
    value: String | None
    read_only: Bool
    config_source: Int8 = at(default=-1)
    is_sensitive: Bool


@struct
class CreatableTopicResult:
    name: String
    topic_id: Uuid = at("7+", default=ZERO_UUID)
    error_code: Int16
    error_message: String | None = at("1+", default="")
    topic_config_error_code: Int16 = at("5+", tag=0, default=0)
    num_partitions: Int32 = at("5+", default=-1)
    replication_factor: Int16 = at("5+", default=-1)
    configs: list[CreatableTopicConfigs] | None = at("5+", default_factory=list)


# v1 adds error_message; v2 adds throttle_time_ms; v7 adds topic_id (KIP-516).
# v5 is flexible and describes what was created (KIP-525).
@message(key=19, versions="0-7", flexible="5+")
class CreateTopicsResponse:
    throttle_time_ms: Int32 = at("2+", default=0)
    topics: list[CreatableTopicResult]
