"""OffsetDelete (key 47): delete committed offsets of topics that a group does not read (KIP-496).

The only version is 0.
"""

from kafkacompat.coordinator.groups.classic import ClassicGroup, GroupState
from kafkacompat.coordinator.groups.records import offset_tombstone
from kafkacompat.coordinator.groups.subscriptions import subscribed_topics
from kafkacompat.coordinator.outcome import Outcome, Write
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.reply import Reply
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteResponse,
    OffsetDeleteResponsePartition,
    OffsetDeleteResponseTopic,
)


def refuse(
    request: OffsetDeleteRequest, code: ErrorCode, message: str | None
) -> OffsetDeleteResponse:
    """Answer with an error."""
    return OffsetDeleteResponse(error_code=code, topics=[])


@handles(
    OffsetDeleteRequest,
    versions="0",
    authorise=needs(Operation.DELETE, Resource.GROUP),
    refuse=refuse,
)
def offset_delete(call: Call, request: OffsetDeleteRequest) -> OffsetDeleteResponse | Reply:
    """Delete offsets, durably.

    Errors: INVALID_GROUP_ID, GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP; per partition
    UNKNOWN_TOPIC_OR_PARTITION, GROUP_SUBSCRIBED_TO_TOPIC.
    """
    code = call.check(Operation.DELETE, Resource.GROUP, request.group_id)
    if code:
        raise KafkaError(code)
    groups = call.node.groups
    shard = groups.shard(request.group_id)
    shard.check_classic(request.group_id, ErrorCode.GROUP_ID_NOT_FOUND)
    group = shard.classic(request.group_id)
    if not shard.has_group(request.group_id):
        raise KafkaError(ErrorCode.GROUP_ID_NOT_FOUND)
    consumer = shard.consumer(request.group_id)
    subscribed = _in_use(group) if consumer is None else consumer.subscribed_topics()
    known = shard.offsets.of(request.group_id)
    records: list[Write] = []
    topics = []
    for topic in request.topics:
        partitions = []
        for item in topic.partitions:
            where = (topic.name, item.partition_index)
            code = ErrorCode.NONE
            if topic.name in subscribed:
                code = ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC
            elif call.node.image.partition(*where) is None:
                code = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
            elif where in known:
                records.append(offset_tombstone(request.group_id, *where))
            partitions.append(
                OffsetDeleteResponsePartition(partition_index=where[1], error_code=code)
            )
        topics.append(OffsetDeleteResponseTopic(name=topic.name, partitions=partitions))
    response = OffsetDeleteResponse(error_code=0, topics=topics)
    reply = Reply()
    groups.run(shard, Outcome(records=records, replies=[(reply, response)]))
    return reply


def _in_use(group: ClassicGroup | None) -> frozenset[str]:
    """Return the topics that the group reads. Errors: NON_EMPTY_GROUP if that cannot be known."""
    if group is None or group.is_in(GroupState.EMPTY, GroupState.DEAD):
        return frozenset()
    if group.protocol_type != "consumer":
        raise KafkaError(ErrorCode.NON_EMPTY_GROUP)
    return subscribed_topics(group)
