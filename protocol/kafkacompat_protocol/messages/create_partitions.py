"""CreatePartitions (key 37): add partitions to topics."""

from kafkacompat_protocol.schema import Bool, Int16, Int32, String, at, message, struct


@struct
class CreatePartitionsAssignment:
    broker_ids: list[Int32]


@struct
class CreatePartitionsTopic:
    name: String
    count: Int32
    assignments: list[CreatePartitionsAssignment] | None


# v2 is flexible; v3 may answer THROTTLING_QUOTA_EXCEEDED (KIP-599).
@message(key=37, versions="0-3", flexible="2+")
class CreatePartitionsRequest:
    topics: list[CreatePartitionsTopic]
    timeout_ms: Int32
    validate_only: Bool


@struct
class CreatePartitionsTopicResult:
    name: String
    error_code: Int16
    error_message: String | None = at(default=None)


# v2 is flexible.
@message(key=37, versions="0-3", flexible="2+")
class CreatePartitionsResponse:
    throttle_time_ms: Int32 = at(default=0)
    results: list[CreatePartitionsTopicResult]
