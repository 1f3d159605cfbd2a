"""DescribeTopicPartitions (key 75): topics in pages, with eligible leader replicas (KIP-966)."""

from collections.abc import Iterator

from kafkacompat.handlers.topic_guards import NO_OPERATIONS, TOPIC_OPERATIONS, is_internal
from kafkacompat.metadata.image import PartitionState, TopicState
from kafkacompat.metadata.topic_names import check_topic_name
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.describe_topic_partitions import (
    Cursor,
    DescribeTopicPartitionsRequest,
    DescribeTopicPartitionsResponse,
    DescribeTopicPartitionsResponsePartition,
    DescribeTopicPartitionsResponseTopic,
)
from kafkacompat_protocol.schema import ZERO_UUID

MAX_PARTITIONS = 2000


def refuse(
    request: DescribeTopicPartitionsRequest, code: ErrorCode, message: str | None
) -> DescribeTopicPartitionsResponse:
    """Answer every topic with one error."""
    return DescribeTopicPartitionsResponse(
        topics=[_no_topic(topic.name, code, NO_OPERATIONS) for topic in request.topics]
    )


@handles(
    DescribeTopicPartitionsRequest,
    versions="0",
    authorise=needs(Operation.DESCRIBE, Resource.TOPIC, per_item=True),
    refuse=refuse,
)
def describe_topic_partitions(
    call: Call, request: DescribeTopicPartitionsRequest
) -> DescribeTopicPartitionsResponse:
    """Describe topics in the order of their names, from the cursor on, up to a page.

    No topics means all. Errors: INVALID_REQUEST for a cursor of no sense; per topic
    UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION.
    """
    cursor = request.cursor
    if cursor is not None and cursor.partition_index < 0:
        raise KafkaError(ErrorCode.INVALID_REQUEST, "The cursor's partition index is negative.")
    asked = {topic.name for topic in request.topics}
    if cursor is not None and asked and cursor.topic_name not in asked:
        raise KafkaError(ErrorCode.INVALID_REQUEST, "The cursor is at a topic not asked for.")
    image = call.node.image
    every = sorted(asked or image.topics)
    first = 0 if cursor is None else cursor.partition_index
    names = [name for name in every if cursor is None or name >= cursor.topic_name]
    room = max(1, min(MAX_PARTITIONS, request.response_partition_limit))
    response = DescribeTopicPartitionsResponse(topics=[])
    for name in names:
        if room <= 0:
            response.next_cursor = Cursor(topic_name=name, partition_index=0)
            break
        topic = image.topics.get(name)
        if topic is None:
            response.topics.append(_no_topic(name, _why_not(name)))
            continue
        start = first if cursor is not None and name == cursor.topic_name else 0
        states = [s for index, s in sorted(topic.partitions.items()) if index >= start]
        response.topics.append(_topic(call, topic, states[:room]))
        if len(states) > room:
            response.next_cursor = Cursor(topic_name=name, partition_index=states[room].index)
            break
        room -= len(states)
    return response


def _why_not(name: str) -> ErrorCode:
    try:
        check_topic_name(name)
    except KafkaError as error:
        return error.code
    return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def _no_topic(
    name: str, code: ErrorCode, operations: int = TOPIC_OPERATIONS
) -> DescribeTopicPartitionsResponseTopic:
    return DescribeTopicPartitionsResponseTopic(
        error_code=code,
        name=name,
        topic_id=ZERO_UUID,
        is_internal=is_internal(name),
        partitions=[],
        topic_authorized_operations=operations,
    )


def _topic(
    call: Call, topic: TopicState, states: list[PartitionState]
) -> DescribeTopicPartitionsResponseTopic:
    return DescribeTopicPartitionsResponseTopic(
        error_code=0,
        name=topic.name,
        topic_id=topic.topic_id,
        is_internal=is_internal(topic.name),
        partitions=list(_partitions(call, states)),
        topic_authorized_operations=TOPIC_OPERATIONS,
    )


def _partitions(
    call: Call,
    states: list[PartitionState],
) -> Iterator[DescribeTopicPartitionsResponsePartition]:
    living = call.node.members.nodes
    for state in states:
        yield DescribeTopicPartitionsResponsePartition(
            error_code=0 if state.leader in living else ErrorCode.LEADER_NOT_AVAILABLE,
            partition_index=state.index,
            leader_id=state.leader,
            leader_epoch=state.leader_epoch,
            replica_nodes=state.replicas,
            isr_nodes=state.isr,
            eligible_leader_replicas=state.record.eligible_leader_replicas or [],
            last_known_elr=state.record.last_known_elr or [],
            offline_replicas=[each for each in state.replicas if each not in living],
        )
