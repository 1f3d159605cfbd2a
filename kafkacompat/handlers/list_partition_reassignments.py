"""ListPartitionReassignments (key 46): the partitions that are on their way to other brokers.

v0 is the only version. Here none begins such a journey; one that Kafka began is told of.
"""

from collections.abc import Iterable

from kafkacompat.metadata.image import PartitionState, TopicState
from kafkacompat.metadata.placement_commands import is_reassigned
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import KafkaError
from kafkacompat_protocol.messages.list_partition_reassignments import (
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsResponse,
    OngoingPartitionReassignment,
    OngoingTopicReassignment,
)


@handles(
    ListPartitionReassignmentsRequest,
    versions="0",
    authorise=needs(Operation.DESCRIBE, Resource.CLUSTER),
)
def list_partition_reassignments(
    call: Call, request: ListPartitionReassignmentsRequest
) -> ListPartitionReassignmentsResponse:
    """List what is under way, of some partitions or of all; the others are left out."""
    code = call.check(Operation.DESCRIBE, Resource.CLUSTER, "kafka-cluster")
    if code:
        raise KafkaError(code)
    topics = call.node.image.topics
    found = []
    if request.topics is None:
        found = [_ongoing(topic, topic.partitions) for topic in topics.values()]
    else:
        for wanted in request.topics:
            topic = topics.get(wanted.name)
            if topic is not None:
                found.append(_ongoing(topic, wanted.partition_indexes))
    return ListPartitionReassignmentsResponse(
        error_code=0, topics=[topic for topic in found if topic.partitions]
    )


def _ongoing(topic: TopicState, indexes: Iterable[int]) -> OngoingTopicReassignment:
    states = (topic.partitions.get(index) for index in indexes)
    ongoing = [_describe(state) for state in states if state is not None and is_reassigned(state)]
    return OngoingTopicReassignment(name=topic.name, partitions=ongoing)


def _describe(state: PartitionState) -> OngoingPartitionReassignment:
    return OngoingPartitionReassignment(
        partition_index=state.index,
        replicas=state.replicas,
        adding_replicas=state.record.adding_replicas,
        removing_replicas=state.record.removing_replicas,
    )
