"""CreatePartitions (key 37): add partitions to topics. Versions differ in their form only."""

from collections import Counter

from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.create_partitions import (
    CreatePartitionsRequest,
    CreatePartitionsResponse,
    CreatePartitionsTopic,
    CreatePartitionsTopicResult,
)


def refuse(
    request: CreatePartitionsRequest, code: ErrorCode, message: str | None
) -> CreatePartitionsResponse:
    """Answer every topic with one error."""
    return CreatePartitionsResponse(
        results=[
            CreatePartitionsTopicResult(name=topic.name, error_code=code, error_message=message)
            for topic in request.topics
        ]
    )


@handles(
    CreatePartitionsRequest,
    versions="0-3",
    authorise=needs(Operation.ALTER, Resource.TOPIC, per_item=True),
    refuse=refuse,
)
async def create_partitions(
    call: Call, request: CreatePartitionsRequest
) -> CreatePartitionsResponse:
    """Grow one topic after the other. Errors, per topic: those of `commands.create_partitions`."""
    counts = Counter(topic.name for topic in request.topics)
    results = {}
    for topic in request.topics:
        result = CreatePartitionsTopicResult(name=topic.name, error_code=0)
        try:
            if counts[topic.name] > 1:
                raise KafkaError(ErrorCode.INVALID_REQUEST, "Duplicate topic name.")
            await _grow(call, topic, request.validate_only)
        except KafkaError as error:
            result.error_code, result.error_message = error.code, error.message
        results[topic.name] = result
    return CreatePartitionsResponse(results=list(results.values()))


async def _grow(call: Call, topic: CreatePartitionsTopic, validate_only: bool) -> None:
    code = call.check(Operation.ALTER, Resource.TOPIC, topic.name)
    if code:
        raise KafkaError(code)
    assignments = None
    if topic.assignments is not None:
        assignments = [assignment.broker_ids for assignment in topic.assignments]
    await call.node.controller.create_partitions(
        topic.name, topic.count, assignments, validate_only=validate_only
    )
