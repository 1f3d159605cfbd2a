"""CreateTopics (key 19): make topics.

v1 adds validate_only; v4 takes -1 for the broker's defaults (as all versions do here); v5 tells
what was made; v7 its id.
"""

from collections import Counter

from kafkacompat.handlers.config_entries import topic_entries
from kafkacompat.metadata import commands
from kafkacompat.metadata.commands import NewTopic
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.create_topics import (
    CreatableTopic,
    CreatableTopicConfigs,
    CreatableTopicResult,
    CreateTopicsRequest,
    CreateTopicsResponse,
)

FIRST_VERSION_WITH_CONFIGS = 5


def refuse(
    request: CreateTopicsRequest, code: ErrorCode, message: str | None
) -> CreateTopicsResponse:
    """Answer every topic with one error."""
    topics = [_failed(topic.name, KafkaError(code, message)) for topic in request.topics]
    return CreateTopicsResponse(topics=topics)


@handles(
    CreateTopicsRequest,
    versions="0-7",
    authorise=needs(Operation.CREATE, Resource.TOPIC, per_item=True),
    refuse=refuse,
)
async def create_topics(call: Call, request: CreateTopicsRequest) -> CreateTopicsResponse:
    """Make one topic after the other. Errors, per topic: those of `commands.create_topic`."""
    counts = Counter(topic.name for topic in request.topics)
    results = {
        name: _failed(name, KafkaError(ErrorCode.INVALID_REQUEST, "Duplicate topic name."))
        for name, count in counts.items()
        if count > 1
    }
    wanted: list[NewTopic] = []
    for topic in request.topics:
        if topic.name in results:
            continue
        try:
            wanted.append(_wanted(call, topic))
        except KafkaError as error:
            results[topic.name] = _failed(topic.name, error)
    config = call.node.config
    total = sum(commands.requested_partitions(each, config) for each in wanted)
    for each in wanted:
        try:
            commands.check_total(total, config)
            results[each.name] = await _create(call, each, request.validate_only)
        except KafkaError as error:
            results[each.name] = _failed(each.name, error)
    return CreateTopicsResponse(topics=[results[name] for name in counts])


def _failed(name: str, error: KafkaError) -> CreatableTopicResult:
    return CreatableTopicResult(
        name=name, error_code=error.code, error_message=error.message, configs=[]
    )


def _wanted(call: Call, topic: CreatableTopic) -> NewTopic:
    code = call.check(Operation.CREATE, Resource.TOPIC, topic.name)
    if code:
        raise KafkaError(code)
    return NewTopic(
        name=topic.name,
        partitions=topic.num_partitions,
        replication_factor=topic.replication_factor,
        assignments=_assignments(topic),
        configs=_configs(topic),
    )


async def _create(call: Call, wanted: NewTopic, validate_only: bool) -> CreatableTopicResult:
    made = await call.node.controller.create_topic(wanted, validate_only=validate_only)
    own = {name: text for name, text in wanted.configs.items() if text is not None}
    told = (
        topic_entries(call.node.config, own) if call.version >= FIRST_VERSION_WITH_CONFIGS else ()
    )
    return CreatableTopicResult(
        name=made.name,
        topic_id=made.topic_id,
        error_code=0,
        error_message=None,
        num_partitions=len(made.partitions),
        replication_factor=len(made.partitions[0].replicas),
        configs=[
            CreatableTopicConfigs(
                name=entry.name,
                value=entry.value,
                read_only=entry.read_only,
                config_source=entry.source,
                is_sensitive=entry.is_sensitive,
            )
            for entry in sorted(told, key=lambda entry: entry.name)
        ],
    )


def _assignments(topic: CreatableTopic) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for assignment in topic.assignments:
        if assignment.partition_index in found:
            raise KafkaError(
                ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                f"Found multiple manual partition assignments for partition"
                f" {assignment.partition_index}",
            )
        found[assignment.partition_index] = assignment.broker_ids
    return found


def _configs(topic: CreatableTopic) -> dict[str, str | None]:
    """Return the configuration that is asked for; of a key that is there twice, the last."""
    return {config.name: config.value for config in topic.configs}
