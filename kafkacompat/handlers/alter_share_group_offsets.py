"""AlterShareGroupOffsets (key 91): have an empty group begin anew at given offsets.

The only version is 0.
"""

from functools import partial
from operator import methodcaller

from kafkacompat.coordinator.share.records import SharePartitionId
from kafkacompat.handlers.share_group_offsets import UNKNOWN_TOPIC, AllOf, note, require_empty
from kafkacompat.metadata.features import SHARE_FEATURE
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.reply import Reply, wait_for
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.alter_share_group_offsets import (
    AlterShareGroupOffsetsRequest,
    AlterShareGroupOffsetsRequestTopic,
    AlterShareGroupOffsetsResponse,
    AlterShareGroupOffsetsResponsePartition,
    AlterShareGroupOffsetsResponseTopic,
)
from kafkacompat_protocol.schema import ZERO_UUID


@handles(
    AlterShareGroupOffsetsRequest,
    versions="0",
    authorise=needs(Operation.READ, Resource.GROUP),
    feature=SHARE_FEATURE,
)
async def alter_share_group_offsets(
    call: Call, request: AlterShareGroupOffsetsRequest
) -> AlterShareGroupOffsetsResponse:
    """Answer when every new beginning is durable. The group need not exist, as in Kafka.

    Errors: NON_EMPTY_GROUP, INVALID_GROUP_ID; per partition
    UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED, those of the coordinator.
    """
    code = call.check(Operation.READ, Resource.GROUP, request.group_id)
    if code:
        raise KafkaError(code)
    require_empty(call, request.group_id)
    for coordinator in (call.node.groups, call.node.share):
        if not coordinator.has_topic:
            await coordinator.ensure_topic()
    waiting, done = AllOf(), Reply()
    topics = [_topic(call, request.group_id, topic, waiting) for topic in request.topics]
    waiting.then(lambda: done.resolve(None))
    await wait_for(done)
    for topic in topics:
        begun = [each.partition_index for each in topic.partitions if not each.error_code]
        if begun:
            where = topic.topic_id, topic.topic_name, begun
            noted = note(call, request.group_id, methodcaller("begin_with", *where))
            await wait_for(noted)
    return AlterShareGroupOffsetsResponse(responses=topics)


def _topic(
    call: Call, group_id: str, wanted: AlterShareGroupOffsetsRequestTopic, waiting: AllOf
) -> AlterShareGroupOffsetsResponseTopic:
    topic = call.node.image.topics.get(wanted.topic_name)
    topic_id = ZERO_UUID if topic is None else topic.topic_id
    slots = []
    for item in wanted.partitions:
        slot = AlterShareGroupOffsetsResponsePartition(partition_index=item.partition_index)
        slots.append(slot)
        try:
            code = call.check(Operation.READ, Resource.TOPIC, wanted.topic_name)
            if code:
                raise KafkaError(code)
            partition = call.node.members.partition(wanted.topic_name, item.partition_index)
            which = SharePartitionId(group_id, topic_id, item.partition_index)
            done = waiting.add(partial(_told, slot))
            call.node.share.begin_at(which, partition, max(0, item.start_offset), done)
        except KafkaError as error:
            _told(slot, error)
    return AlterShareGroupOffsetsResponseTopic(
        topic_name=wanted.topic_name, topic_id=topic_id, partitions=slots
    )


def _told(slot: AlterShareGroupOffsetsResponsePartition, error: KafkaError | None) -> None:
    if error is None:
        return
    slot.error_code, slot.error_message = error.code, error.message
    if error.code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
        slot.error_message = UNKNOWN_TOPIC
