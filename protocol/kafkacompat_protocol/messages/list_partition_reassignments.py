"""ListPartitionReassignments (key 46): the partitions that are on their way to other brokers."""

from kafkacompat_protocol.schema import Int16, Int32, String, at, message, struct


@struct
class ListPartitionReassignmentsTopics:
    name: String
    partition_indexes: list[Int32]


# v0 is the only version (KIP-455).
@message(key=46, versions="0", flexible="0+")
class ListPartitionReassignmentsRequest:
    timeout_ms: Int32 = at(default=60000)
    topics: list[ListPartitionReassignmentsTopics] | None = at(default=None)


@struct
class OngoingPartitionReassignment:
    partition_index: Int32
    replicas: list[Int32]
    adding_replicas: list[Int32]
    removing_replicas: list[Int32]


@struct
class OngoingTopicReassignment:
    name: String
    partitions: list[OngoingPartitionReassignment]


# v0 is the only version (KIP-455).
@message(key=46, versions="0", flexible="0+")
class ListPartitionReassignmentsResponse:
    throttle_time_ms: Int32 = at(default=0)
    error_code: Int16
    error_message: String | None = at(default=None)
    topics: list[OngoingTopicReassignment]
