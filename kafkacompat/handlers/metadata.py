"""Metadata (key 3): brokers, topics, and who leads what; can make topics on the way.

v0: no topics means all; from v1 on null means all and an empty list none. v4 lets the client
forbid automatic creation; v8-v10 give allowed operations; v10 adds topic ids; v12 looks up by id.
"""

from collections.abc import Coroutine
from typing import Any

from kafkacompat.config import keys
from kafkacompat.handlers.topic_guards import (
    CLUSTER_OPERATIONS,
    NO_OPERATIONS,
    TOPIC_OPERATIONS,
    find_topic,
    is_internal,
)
from kafkacompat.metadata.commands import NewTopic
from kafkacompat.metadata.image import TopicState
from kafkacompat.metadata.topic_names import check_topic_name
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.metadata import (
    MetadataRequest,
    MetadataRequestTopic,
    MetadataResponse,
    MetadataResponseBroker,
    MetadataResponsePartition,
    MetadataResponseTopic,
)
from kafkacompat_protocol.schema import ZERO_UUID

FIRST_VERSION_WITHOUT_NAMES = 12


def refuse(request: MetadataRequest, code: ErrorCode, message: str | None) -> MetadataResponse:
    """Answer every topic that was named with one error."""
    topics = [
        _no_topic(wanted.name, wanted.topic_id, code, wanted.name is None)
        for wanted in request.topics or []
    ]
    return MetadataResponse(brokers=[], topics=topics, error_code=code)


@handles(
    MetadataRequest,
    versions="0-13",
    authorise=needs(Operation.DESCRIBE, Resource.TOPIC, per_item=True),
    refuse=refuse,
)
def metadata(
    call: Call, request: MetadataRequest
) -> MetadataResponse | Coroutine[Any, Any, MetadataResponse]:
    """Describe what was asked for; make missing topics first if both sides allow it.

    Errors, per topic: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, INVALID_TOPIC_EXCEPTION.
    """
    missing = _to_be_made(call, request)
    if missing:
        return _make_and_describe(call, request, missing)
    return _describe(call, request, {})


def _to_be_made(call: Call, request: MetadataRequest) -> list[str]:
    if not request.topics or not request.allow_auto_topic_creation:
        return []
    if not call.node.config.get(keys.AUTO_CREATE_TOPICS):
        return []
    topics = call.node.image.topics
    names = (wanted.name for wanted in request.topics if wanted.topic_id == ZERO_UUID)
    missing = dict.fromkeys(name for name in names if name is not None and name not in topics)
    return [name for name in missing if call.authorize(Operation.CREATE, Resource.TOPIC, name)]


async def _make_and_describe(
    call: Call, request: MetadataRequest, names: list[str]
) -> MetadataResponse:
    failures: dict[str, ErrorCode] = {}
    for name in names:
        try:
            check_topic_name(name)
            if is_internal(name):
                await call.node.groups.ensure_topic()
            else:
                await call.node.controller.create_topic(NewTopic(name))
        except KafkaError as error:
            if error.code is not ErrorCode.TOPIC_ALREADY_EXISTS:
                failures[name] = error.code
    return _describe(call, request, failures)


def _describe(
    call: Call, request: MetadataRequest, failures: dict[str, ErrorCode]
) -> MetadataResponse:
    node = call.node
    if request.topics is None or (call.version == 0 and not request.topics):
        topics = [_topic(call, request, topic) for topic in node.image.topics.values()]
    else:
        once = {(wanted.name, wanted.topic_id): wanted for wanted in request.topics}
        topics = [_wanted(call, request, wanted, failures) for wanted in once.values()]
    return MetadataResponse(
        brokers=[
            MetadataResponseBroker(node_id=node_id, host=host, port=port, rack=rack)
            for node_id, host, port, rack in node.members.addresses(call.connection)
        ],
        cluster_id=node.cluster_id,
        controller_id=node.node_id,
        topics=topics,
        cluster_authorized_operations=(
            CLUSTER_OPERATIONS if request.include_cluster_authorized_operations else NO_OPERATIONS
        ),
    )


def _wanted(
    call: Call,
    request: MetadataRequest,
    wanted: MetadataRequestTopic,
    failures: dict[str, ErrorCode],
) -> MetadataResponseTopic:
    topic = find_topic(call.node, wanted.name, wanted.topic_id)
    if topic is not None:
        return _topic(call, request, topic)
    by_id = wanted.topic_id != ZERO_UUID
    if by_id:
        return _no_topic(wanted.name, wanted.topic_id, ErrorCode.UNKNOWN_TOPIC_ID, True)
    name = wanted.name or ""
    code = failures.get(name)
    if code is None:
        code = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        try:
            check_topic_name(name)
        except KafkaError as error:
            code = error.code
    return _no_topic(name, wanted.topic_id, code, False)


def _no_topic(
    name: str | None, topic_id: bytes, code: ErrorCode, may_be_nameless: bool
) -> MetadataResponseTopic:
    return MetadataResponseTopic(
        error_code=code,
        name=name if may_be_nameless else name or "",
        topic_id=topic_id,
        is_internal=is_internal(name or ""),
        partitions=[],
    )


def _topic(call: Call, request: MetadataRequest, topic: TopicState) -> MetadataResponseTopic:
    wants_operations = request.include_topic_authorized_operations
    living = call.node.members.nodes
    return MetadataResponseTopic(
        error_code=0,
        name=topic.name,
        topic_id=topic.topic_id,
        is_internal=is_internal(topic.name),
        partitions=[
            MetadataResponsePartition(
                error_code=0 if state.leader in living else ErrorCode.LEADER_NOT_AVAILABLE,
                partition_index=index,
                leader_id=state.leader,
                leader_epoch=state.leader_epoch,
                replica_nodes=state.replicas,
                isr_nodes=state.isr,
                offline_replicas=[each for each in state.replicas if each not in living],
            )
            for index, state in topic.partitions.items()
        ],
        topic_authorized_operations=TOPIC_OPERATIONS if wants_operations else NO_OPERATIONS,
    )
