"""DeleteShareGroupOffsets (key 92): have an empty group forget topics.

The only version is 0.
"""

from functools import partial
from operator import methodcaller

from kafkacompat.handlers.share_group_offsets import (
    UNKNOWN_TOPIC,
    AllOf,
    group_of,
    note,
    require_empty,
    require_group,
)
from kafkacompat.metadata.features import SHARE_FEATURE
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.reply import Reply, wait_for
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.delete_share_group_offsets import (
    DeleteShareGroupOffsetsRequest,
    DeleteShareGroupOffsetsResponse,
    DeleteShareGroupOffsetsResponseTopic,
)
from kafkacompat_protocol.schema import ZERO_UUID

NOTHING_TO_DELETE = "There is no offset information to delete."
"""Kafka's own text, which its tools print."""


@handles(
    DeleteShareGroupOffsetsRequest,
    versions="0",
    authorise=needs(Operation.DELETE, Resource.GROUP),
    feature=SHARE_FEATURE,
)
async def delete_share_group_offsets(
    call: Call, request: DeleteShareGroupOffsetsRequest
) -> DeleteShareGroupOffsetsResponse:
    """Answer when everything is forgotten durably.

    Errors: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP, INVALID_GROUP_ID; per topic
    UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED, those of the coordinator.
    """
    code = call.check(Operation.DELETE, Resource.GROUP, request.group_id)
    if code:
        raise KafkaError(code)
    require_group(call, request.group_id)
    require_empty(call, request.group_id)
    waiting, done = AllOf(), Reply()
    topics = [_topic(call, request.group_id, topic.topic_name, waiting) for topic in request.topics]
    waiting.then(lambda: done.resolve(None))
    await wait_for(done)
    for topic in topics:
        if not topic.error_code and group_of(call, request.group_id) is not None:
            await wait_for(
                note(call, request.group_id, methodcaller("forget_topic", topic.topic_id))
            )
    return DeleteShareGroupOffsetsResponse(responses=topics)


def _topic(
    call: Call, group_id: str, name: str, waiting: AllOf
) -> DeleteShareGroupOffsetsResponseTopic:
    slot = DeleteShareGroupOffsetsResponseTopic(topic_name=name, topic_id=ZERO_UUID)
    try:
        code = call.check(Operation.READ, Resource.TOPIC, name)
        if code:
            raise KafkaError(code)
        topic = call.node.image.topics.get(name)
        if topic is None:
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC)
        share = call.node.share
        mine = [each for each in share.of_group(group_id) if each.which.topic_id == topic.topic_id]
        if not mine:
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, NOTHING_TO_DELETE)
        slot.topic_id = topic.topic_id
        for machine in mine:
            share.delete(machine.which, waiting.add(partial(_told, slot)))
    except KafkaError as error:
        _told(slot, error)
    return slot


def _told(slot: DeleteShareGroupOffsetsResponseTopic, error: KafkaError | None) -> None:
    if error is not None:
        slot.error_code, slot.error_message = error.code, error.message
