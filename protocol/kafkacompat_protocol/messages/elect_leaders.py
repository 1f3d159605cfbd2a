"""ElectLeaders (key 43): have partitions elect their preferred replica, or any that is alive."""

from kafkacompat_protocol.schema import Int8, Int16, Int32, String, at, message, struct


@struct
class TopicPartitions:
    topic: String
    partitions: list[Int32]


# v1 adds election_type (KIP-460); v2 is flexible (KIP-482).
@message(key=43, versions="0-2", flexible="2+")
class ElectLeadersRequest:
    election_type: Int8 = at("1+", default=0)
    topic_partitions: list[TopicPartitions] | None
    timeout_ms: Int32 = at(default=60000)


@struct
class PartitionResult:
    partition_id: Int32
    error_code: Int16
    error_message: String | None = at(default=None)


@struct
class ReplicaElectionResult:
    topic: String
    partition_result: list[PartitionResult]


# v1 adds error_code; v2 is flexible.
@message(key=43, versions="0-2", flexible="2+")
class ElectLeadersResponse:
    throttle_time_ms: Int32 = at(default=0)
    error_code: Int16 = at("1+", default=0)
    replica_election_results: list[ReplicaElectionResult]
