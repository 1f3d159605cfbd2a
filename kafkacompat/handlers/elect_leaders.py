"""ElectLeaders (key 43): have partitions elect the leader that is wanted.

v0 elects preferred leaders only; v1 adds other elections and the answer's error_code (KIP-460).
"""

from collections.abc import Sequence

from kafkacompat.metadata.election_commands import Election
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.elect_leaders import (
    ElectLeadersRequest,
    ElectLeadersResponse,
    PartitionResult,
    ReplicaElectionResult,
)


def refuse(
    request: ElectLeadersRequest, code: ErrorCode, message: str | None
) -> ElectLeadersResponse:
    """Answer every partition with one error."""
    return ElectLeadersResponse(
        error_code=code,
        replica_election_results=[
            ReplicaElectionResult(
                topic=topic.topic,
                partition_result=[
                    PartitionResult(partition_id=index, error_code=code, error_message=message)
                    for index in topic.partitions
                ],
            )
            for topic in request.topic_partitions or ()
        ],
    )


@handles(
    ElectLeadersRequest,
    versions="0-2",
    authorise=needs(Operation.ALTER, Resource.CLUSTER),
    refuse=refuse,
)
async def elect_leaders(call: Call, request: ElectLeadersRequest) -> ElectLeadersResponse:
    """Hold one election after the other; of all partitions, tell of those that had to be held.

    Errors: INVALID_REQUEST for an unknown election; per partition, those of `elect_leader`.
    """
    code = call.check(Operation.ALTER, Resource.CLUSTER, "kafka-cluster")
    if code:
        return refuse(request, code, None)
    try:
        election = Election(request.election_type)
    except ValueError:
        kind = f"Unknown election type {request.election_type}"
        return refuse(request, ErrorCode.INVALID_REQUEST, kind)
    results = []
    if request.topic_partitions is not None:
        for wanted in request.topic_partitions:
            told = await _elect(call, wanted.topic, wanted.partitions, election)
            results.append(ReplicaElectionResult(topic=wanted.topic, partition_result=told))
    else:
        for topic in list(call.node.image.topics.values()):
            told = await _elect(call, topic.name, list(topic.partitions), election)
            told = [each for each in told if each.error_code != ErrorCode.ELECTION_NOT_NEEDED]
            results.append(ReplicaElectionResult(topic=topic.name, partition_result=told))
    return ElectLeadersResponse(replica_election_results=results)


async def _elect(
    call: Call, topic: str, partitions: Sequence[int], election: Election
) -> list[PartitionResult]:
    results = []
    for index in partitions:
        result = PartitionResult(partition_id=index, error_code=0)
        try:
            await call.node.controller.elect_leader(topic, index, election)
        except KafkaError as error:
            result.error_code, result.error_message = error.code, error.message
        results.append(result)
    return results
