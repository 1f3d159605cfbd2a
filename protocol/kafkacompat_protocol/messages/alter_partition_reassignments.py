"""AlterPartitionReassignments (key 45): put partitions on other brokers, or stop doing so."""

from kafkacompat_protocol.schema import Bool, Int16, Int32, String, at, message, struct


@struct
class ReassignablePartition:
    partition_index: Int32
    replicas: list[Int32] | None = at(default=None)


@struct
class ReassignableTopic:
    name: String
    partitions: list[ReassignablePartition]


# v0 is of KIP-455; v1 adds allow_replication_factor_change.
@message(key=45, versions="0-1", flexible="0+")
class AlterPartitionReassignmentsRequest:
    timeout_ms: Int32 = at(default=60000)
    allow_replication_factor_change: Bool = at("1+", default=True)
    topics: list[ReassignableTopic]


@struct
class ReassignablePartitionResponse:
    partition_index: Int32
    error_code: Int16
    error_message: String | None = at(default=None)


@struct
class ReassignableTopicResponse:
    name: String
    partitions: list[ReassignablePartitionResponse]


# v1 repeats allow_replication_factor_change.
@message(key=45, versions="0-1", flexible="0+")
class AlterPartitionReassignmentsResponse:
    throttle_time_ms: Int32 = at(default=0)
    allow_replication_factor_change: Bool = at("1+", default=True)
    error_code: Int16
    error_message: String | None = at(default=None)
    responses: list[ReassignableTopicResponse]
