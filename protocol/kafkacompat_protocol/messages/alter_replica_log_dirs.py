"""AlterReplicaLogDirs (key 34): move replicas to other log directories of a broker (KIP-113)."""

from kafkacompat_protocol.schema import Int16, Int32, String, at, message, struct


@struct
class AlterReplicaLogDirTopic:
    name: String
    partitions: list[Int32]


@struct
class AlterReplicaLogDir:
    path: String
    topics: list[AlterReplicaLogDirTopic]


# v1 is the same as v0; v2 is flexible (KIP-482).
@message(key=34, versions="0-2", flexible="2+")
class AlterReplicaLogDirsRequest:
    dirs: list[AlterReplicaLogDir]


@struct
class AlterReplicaLogDirPartitionResult:
    partition_index: Int32
    error_code: Int16


@struct
class AlterReplicaLogDirTopicResult:
    topic_name: String
    partitions: list[AlterReplicaLogDirPartitionResult]


# v1 may be answered before a quota is waited for (KIP-219); v2 is flexible.
@message(key=34, versions="0-2", flexible="2+")
class AlterReplicaLogDirsResponse:
    throttle_time_ms: Int32 = at(default=0)
    results: list[AlterReplicaLogDirTopicResult]
