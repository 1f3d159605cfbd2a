"""DeleteTopics (key 20): delete topics and their data; from v6 on also by id.

v3 knows TOPIC_DELETION_DISABLED.
"""

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

FIRST_VERSION_WITH_DISABLED = 3
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

    Errors, per topic: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, INVALID_REQUEST for one that is
    named twice. For the whole request: INVALID_REQUEST, TOPIC_DELETION_DISABLED.
    """
    if not call.node.config.get(keys.DELETE_TOPIC_ENABLE):
        is_old = call.version < FIRST_VERSION_WITH_DISABLED
        code = ErrorCode.INVALID_REQUEST if is_old else ErrorCode.TOPIC_DELETION_DISABLED
        raise KafkaError(code, "Topic deletion is disabled.")
    wanted: list[tuple[str | None, bytes]] = [(name, ZERO_UUID) for name in request.topic_names]
    if call.version >= FIRST_VERSION_WITH_IDS:
        wanted = [(topic.name, topic.topic_id) for topic in request.topics]
    for name, topic_id in wanted:
        _check_is_one(name, topic_id)
    known_by_id = call.node.image.topics_by_id
    named_by_id = {
        known_by_id[topic_id].name: topic_id for _, topic_id in wanted if topic_id in known_by_id
    }
    named_twice = {named_by_id[name] for name, _ in wanted if name in named_by_id}
    results = []
    for (name, topic_id), count in Counter(wanted).items():
        if topic_id in named_twice:
            continue  # Its name has the error.
        try:
            if count > 1:
                what = "name" if name is not None else "id"
                raise KafkaError(ErrorCode.INVALID_REQUEST, f"Duplicate topic {what}.")
            if name in named_by_id:
                raise KafkaError(
                    ErrorCode.INVALID_REQUEST,
                    "The provided topic name maps to an ID that was already supplied.",
                )
            results.append(await _delete(call, name, topic_id))
        except KafkaError as error:
            results.append(_result(name, topic_id, error))
    return DeleteTopicsResponse(responses=results)


def _check_is_one(name: str | None, topic_id: bytes) -> None:
    """Errors: INVALID_REQUEST, unless a topic is given by its name or its id."""
    if name is not None and topic_id != ZERO_UUID:
        raise KafkaError(
            ErrorCode.INVALID_REQUEST, "You may not specify both topic name and topic id."
        )
    if name is None and topic_id == ZERO_UUID:
        raise KafkaError(ErrorCode.INVALID_REQUEST, "Neither topic name nor id were specified.")


async def _delete(call: Call, name: str | None, topic_id: bytes) -> DeletableTopicResult:
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
    await call.node.controller.delete_topic(topic.topic_id)
    return _result(topic.name, topic.topic_id, None)


def _result(name: str | None, topic_id: bytes, error: KafkaError | None) -> DeletableTopicResult:
    return DeletableTopicResult(
        name=name,
        topic_id=topic_id,
        error_code=0 if error is None else error.code,
        error_message=None if error is None else error.message,
    )
