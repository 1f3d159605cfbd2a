"""AlterReplicaLogDirs (key 34): move replicas to other log directories of this broker (KIP-113).

Versions differ in their form only. The answer says that moves have begun; DescribeLogDirs shows
them while they go on.
"""

from os.path import abspath

from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.alter_replica_log_dirs import (
    AlterReplicaLogDirPartitionResult,
    AlterReplicaLogDirsRequest,
    AlterReplicaLogDirsResponse,
    AlterReplicaLogDirTopicResult,
)
from kafkacompat_storage.names import TopicPartition

NOWHERE = ""


def refuse(
    request: AlterReplicaLogDirsRequest, code: ErrorCode, message: str | None
) -> AlterReplicaLogDirsResponse:
    """Answer every partition with one error."""
    return _response(dict.fromkeys(_wanted(request), code))


@handles(
    AlterReplicaLogDirsRequest,
    versions="0-2",
    authorise=needs(Operation.ALTER, Resource.CLUSTER),
    refuse=refuse,
)
def alter_replica_log_dirs(
    call: Call, request: AlterReplicaLogDirsRequest
) -> AlterReplicaLogDirsResponse:
    """Begin to move each replica; of several directories for one, the last counts.

    Errors, per partition: those of `ReplicaMoves.begin`.
    """
    code = call.check(Operation.ALTER, Resource.CLUSTER, "kafka-cluster")
    if code:
        return refuse(request, code, None)
    known = {abspath(path): path for path in call.node.store.log_dirs}
    results = {}
    for place, path in _wanted(request).items():
        results[place] = ErrorCode.NONE
        try:
            call.node.moves.begin(place, known.get(path, NOWHERE))
        except KafkaError as error:
            results[place] = error.code
    return _response(results)


def _wanted(request: AlterReplicaLogDirsRequest) -> dict[TopicPartition, str]:
    return {
        TopicPartition(topic.name, index): wanted.path
        for wanted in request.dirs
        for topic in wanted.topics
        for index in topic.partitions
    }


def _response(results: dict[TopicPartition, ErrorCode]) -> AlterReplicaLogDirsResponse:
    topics: dict[str, list[AlterReplicaLogDirPartitionResult]] = {}
    for place, code in results.items():
        told = AlterReplicaLogDirPartitionResult(partition_index=place.partition, error_code=code)
        topics.setdefault(place.topic, []).append(told)
    return AlterReplicaLogDirsResponse(
        results=[
            AlterReplicaLogDirTopicResult(topic_name=name, partitions=partitions)
            for name, partitions in topics.items()
        ]
    )
