"""DescribeConfigs (key 32): values, defaults, sources, types and documentation of keys.

v0 only says whether a value is the default; v1 names its source, and its synonyms if asked for;
v3 adds types and documentation.
"""

from collections.abc import Iterator

from kafkacompat.config.values import Source
from kafkacompat.handlers.config_entries import Entry, broker_entries, group_entries, topic_entries
from kafkacompat.metadata.commands import check_topic_name
from kafkacompat.metadata.image import RESOURCE_BROKER, RESOURCE_GROUP, RESOURCE_TOPIC
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
    DescribeConfigsResourceResult,
    DescribeConfigsResponse,
    DescribeConfigsResult,
    DescribeConfigsSynonym,
)


def refuse(
    request: DescribeConfigsRequest, code: ErrorCode, message: str | None
) -> DescribeConfigsResponse:
    """Answer every resource with one error."""
    error = KafkaError(code, message)
    return DescribeConfigsResponse(results=[_result(r, error, []) for r in request.resources])


@handles(
    DescribeConfigsRequest,
    versions="0-4",
    authorise=needs(Operation.DESCRIBE_CONFIGS, Resource.TOPIC, per_item=True),
    refuse=refuse,
)
def describe_configs(call: Call, request: DescribeConfigsRequest) -> DescribeConfigsResponse:
    """Describe topics, brokers and groups.

    Errors, per resource: UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION, INVALID_REQUEST.
    """
    results = []
    once = {(r.resource_type, r.resource_name): r for r in request.resources}
    for resource in once.values():
        try:
            entries = list(_entries(call, resource))
        except KafkaError as error:
            results.append(_result(resource, error, []))
            continue
        named = resource.configuration_keys
        wanted = None if named is None else frozenset(named)
        shown = [
            _shown(entry, request)
            for entry in sorted(entries, key=lambda entry: entry.name)
            if wanted is None or entry.name in wanted
        ]
        results.append(_result(resource, None, shown))
    return DescribeConfigsResponse(results=results)


def _result(
    resource: DescribeConfigsResource,
    error: KafkaError | None,
    configs: list[DescribeConfigsResourceResult],
) -> DescribeConfigsResult:
    return DescribeConfigsResult(
        error_code=0 if error is None else error.code,
        error_message="" if error is None else error.message or "",
        resource_type=resource.resource_type,
        resource_name=resource.resource_name,
        configs=configs,
    )


def _entries(call: Call, resource: DescribeConfigsResource) -> Iterator[Entry]:
    node, name = call.node, resource.resource_name
    if resource.resource_type == RESOURCE_TOPIC:
        code = call.check(Operation.DESCRIBE_CONFIGS, Resource.TOPIC, name)
        if code:
            raise KafkaError(code)
        check_topic_name(name)
        if name not in node.image.topics:
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        yield from topic_entries(node.config, node.image.config(RESOURCE_TOPIC, name))
    elif resource.resource_type == RESOURCE_BROKER:
        code = call.check(Operation.DESCRIBE_CONFIGS, Resource.CLUSTER, "kafka-cluster")
        if code:
            raise KafkaError(code)
        yield from _broker_entries(call, name)
    elif resource.resource_type == RESOURCE_GROUP:
        code = call.check(Operation.DESCRIBE_CONFIGS, Resource.GROUP, name)
        if code:
            raise KafkaError(code)
        if not name:
            raise KafkaError(ErrorCode.INVALID_REQUEST, "Group name must not be empty")
        yield from group_entries(node.config, node.image.config(RESOURCE_GROUP, name))
    else:
        raise KafkaError(
            ErrorCode.INVALID_REQUEST, f"Unsupported resource type: {resource.resource_type}"
        )


def _broker_entries(call: Call, name: str) -> Iterator[Entry]:
    """Yield this broker's keys; for the name "" only what is set for the whole cluster."""
    node = call.node
    if name == "":
        for entry in broker_entries(node.config):
            shared = tuple(s for s in entry.settings if s.source is Source.DYNAMIC_CLUSTER)
            if shared:
                text = shared[0].value
                yield Entry(entry.name, text, shared, entry.type, False, entry.documentation)
        return
    if name != str(node.node_id):
        is_number = name.isascii() and name.isdigit()
        raise KafkaError(
            ErrorCode.INVALID_REQUEST,
            f"Unexpected broker id, expected {node.node_id} or empty string, but received {name}"
            if is_number
            else f"Broker id must be an integer, but it is: {name}",
        )
    yield from broker_entries(node.config)


def _shown(entry: Entry, request: DescribeConfigsRequest) -> DescribeConfigsResourceResult:
    return DescribeConfigsResourceResult(
        name=entry.name,
        value=entry.value,
        read_only=entry.read_only,
        is_default=entry.source == Source.DEFAULT,
        config_source=entry.source,
        is_sensitive=entry.is_sensitive,
        synonyms=[
            DescribeConfigsSynonym(
                name=setting.name,
                value=None if entry.is_sensitive else setting.value,
                source=setting.source,
            )
            for setting in entry.settings
            if setting.value is not None
        ]
        if request.include_synonyms
        else [],
        config_type=entry.type,
        documentation=entry.documentation if request.include_documentation else None,
    )
