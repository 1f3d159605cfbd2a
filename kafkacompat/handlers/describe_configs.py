"""DescribeConfigs (key 32): values, defaults, sources, types and documentation of keys.

v0 only says whether a value is the default; v1 names its source, and its synonyms if asked for;
v3 adds types and documentation.
"""

from collections.abc import Iterator

from kafkacompat.config.values import Source
from kafkacompat.handlers.config_entries import (
    Entry,
    broker_entries,
    client_metrics_entries,
    cluster_entries,
    group_entries,
    logger_entries,
    topic_entries,
)
from kafkacompat.handlers.config_resources import check_allowed
from kafkacompat.metadata.config_checks import check_node_id
from kafkacompat.metadata.image import (
    RESOURCE_BROKER,
    RESOURCE_BROKER_LOGGER,
    RESOURCE_CLIENT_METRICS,
    RESOURCE_GROUP,
    RESOURCE_TOPIC,
)
from kafkacompat.metadata.topic_names import check_topic_name
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.loggers import logger_levels
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

EMPTY_NAMES = {
    RESOURCE_BROKER_LOGGER: "Broker id",
    RESOURCE_CLIENT_METRICS: "Client metrics subscription name",
    RESOURCE_GROUP: "Group name",
}
"""What a name is of, for those resources of which none is the default of others."""


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
    """Describe topics, brokers, their loggers, groups, and subscriptions to metrics.

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
    node, name, kind = call.node, resource.resource_name, resource.resource_type
    if kind not in (*EMPTY_NAMES, RESOURCE_TOPIC, RESOURCE_BROKER):
        raise KafkaError(ErrorCode.INVALID_REQUEST, f"Unsupported resource type: {kind}")
    check_allowed(call, Operation.DESCRIBE_CONFIGS, kind, name)
    if not name and kind in EMPTY_NAMES:
        raise KafkaError(ErrorCode.INVALID_REQUEST, f"{EMPTY_NAMES[kind]} must not be empty")
    own = node.image.config(kind, name)
    if kind == RESOURCE_TOPIC:
        check_topic_name(name)
        if name not in node.image.topics:
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        yield from topic_entries(node.config, own)
    elif kind == RESOURCE_GROUP:
        yield from group_entries(node.config, own)
    elif kind == RESOURCE_CLIENT_METRICS:
        yield from client_metrics_entries(node.config, own)
    elif kind == RESOURCE_BROKER_LOGGER:
        words = "Unexpected broker id, expected {0} but received {1}"
        check_node_id(name, node.node_id, words, "Broker")
        yield from logger_entries(logger_levels())
    elif name == "":
        yield from cluster_entries(node.config)
    else:
        words = "Unexpected broker id, expected {0} or empty string, but received {1}"
        check_node_id(name, node.node_id, words, "Broker")
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
            if setting.value is not None and not entry.is_logger
        ]
        if request.include_synonyms
        else [],
        config_type=entry.type,
        documentation=entry.documentation if request.include_documentation else None,
    )
