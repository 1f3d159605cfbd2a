"""AlterPartitionReassignments (key 45): put partitions on other brokers, or stop doing so.

v1 adds allow_replication_factor_change.
"""

from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import KafkaError
from kafkacompat_protocol.messages.alter_partition_reassignments import (
    AlterPartitionReassignmentsRequest,
    AlterPartitionReassignmentsResponse,
    ReassignablePartition,
    ReassignablePartitionResponse,
    ReassignableTopicResponse,
)


@handles(
    AlterPartitionReassignmentsRequest,
    versions="0-1",
    authorise=needs(Operation.ALTER, Resource.CLUSTER),
)
async def alter_partition_reassignments(
    call: Call, request: AlterPartitionReassignmentsRequest
) -> AlterPartitionReassignmentsResponse:
    """Reassign one partition after the other. Errors, per partition: those of `reassign`."""
    code = call.check(Operation.ALTER, Resource.CLUSTER, "kafka-cluster")
    if code:
        raise KafkaError(code)
    may_change_factor = request.allow_replication_factor_change
    responses = []
    for topic in request.topics:
        told = [
            await _reassign(call, topic.name, wanted, may_change_factor)
            for wanted in topic.partitions
        ]
        responses.append(ReassignableTopicResponse(name=topic.name, partitions=told))
    return AlterPartitionReassignmentsResponse(
        allow_replication_factor_change=may_change_factor, error_code=0, responses=responses
    )


async def _reassign(
    call: Call, topic: str, wanted: ReassignablePartition, may_change_factor: bool
) -> ReassignablePartitionResponse:
    result = ReassignablePartitionResponse(partition_index=wanted.partition_index, error_code=0)
    try:
        await call.node.controller.reassign(
            topic, wanted.partition_index, wanted.replicas, may_change_factor=may_change_factor
        )
    except KafkaError as error:
        result.error_code, result.error_message = error.code, error.message
    return result
