"""DeleteTopics (key 20): delete topics and their data; from v6 on also by id."""

from collections import Counter

from kafkacompat.config import keys
from kafkacompat.handlers.topic_guards import find_topic
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.delete_topics import (
    DeletableTopicResult,
    DeleteTopicsRequest,
    DeleteTopicsResponse,
)
from kafkacompat_protocol.schema import ZERO_UUID

FIRST_VERSION_WITH_IDS = 6


def refuse(
    request: DeleteTopicsRequest, code: ErrorCode, message: str | None
) -> DeleteTopicsResponse:
    """Answer every topic with one error."""
    error = KafkaError(code, message)
    wanted = [(topic.name, topic.topic_id) for topic in request.topics]
    wanted += [(name, ZERO_UUID) for name in request.topic_names]
    return DeleteTopicsResponse(responses=[_result(name, topic, error) for name, topic in wanted])


@handles(
    DeleteTopicsRequest,
    versions="0-6",
    authorise=needs(Operation.DELETE, Resource.TOPIC, per_item=True),
    refuse=refuse,
)
async def delete_topics(call: Call, request: DeleteTopicsRequest) -> DeleteTopicsResponse:
    """Delete one topic after the other.

    Errors, per topic: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, TOPIC_DELETION_DISABLED,
    INVALID_REQUEST for one that is named twice.
    """
    wanted: list[tuple[str | None, bytes]] = [(name, ZERO_UUID) for name in request.topic_names]
    if call.version >= FIRST_VERSION_WITH_IDS:
        wanted = [(topic.name, topic.topic_id) for topic in request.topics]
    results = []
    for (name, topic_id), count in Counter(wanted).items():
        try:
            if count > 1:
                raise KafkaError(
                    ErrorCode.INVALID_REQUEST,
                    "Duplicate topic name." if name is not None else "Duplicate topic id.",
                )
            results.append(await _delete(call, name, topic_id))
        except KafkaError as error:
            results.append(_result(name, topic_id, error))
    return DeleteTopicsResponse(responses=results)


async def _delete(call: Call, name: str | None, topic_id: bytes) -> DeletableTopicResult:
    if name is not None and topic_id != ZERO_UUID:
        raise KafkaError(
            ErrorCode.INVALID_REQUEST, "You may not specify both topic name and topic id."
        )
    if name is None and topic_id == ZERO_UUID:
        raise KafkaError(ErrorCode.INVALID_REQUEST, "Neither topic name nor id were specified.")
    topic = find_topic(call.node, name, topic_id)
    if topic is None:
        by_name = topic_id == ZERO_UUID
        raise KafkaError(
            ErrorCode.UNKNOWN_TOPIC_OR_PARTITION if by_name else ErrorCode.UNKNOWN_TOPIC_ID,
            f"This server does not host this {'topic-partition' if by_name else 'topic ID'}.",
        )
    code = call.check(Operation.DELETE, Resource.TOPIC, topic.name)
    if code:
        raise KafkaError(code)
    if not call.node.config.get(keys.DELETE_TOPIC_ENABLE):
        raise KafkaError(ErrorCode.TOPIC_DELETION_DISABLED, "Topic deletion is disabled.")
    await call.node.controller.delete_topic(topic.topic_id)
    return _result(topic.name, topic.topic_id, None)


def _result(name: str | None, topic_id: bytes, error: KafkaError | None) -> DeletableTopicResult:
    return DeletableTopicResult(
        name=name,
        topic_id=topic_id,
        error_code=0 if error is None else error.code,
        error_message=None if error is None else error.message,
    )
