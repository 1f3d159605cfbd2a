"""IncrementalAlterConfigs (key 44): change single keys of any resource that has some.

Versions differ in form only.
"""

from collections import Counter

from kafkacompat.handlers.config_resources import check_allowed, check_once
from kafkacompat.metadata.config_checks import check_node_id
from kafkacompat.metadata.config_commands import Change, check_changes
from kafkacompat.metadata.image import RESOURCE_BROKER_LOGGER
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.loggers import alter_loggers
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.incremental_alter_configs import (
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResource,
    IncrementalAlterConfigsResourceResponse,
    IncrementalAlterConfigsResponse,
)


def refuse(
    request: IncrementalAlterConfigsRequest, code: ErrorCode, message: str | None
) -> IncrementalAlterConfigsResponse:
    """Answer every resource with one error."""
    error = KafkaError(code, message)
    return IncrementalAlterConfigsResponse(responses=[_told(r, error) for r in request.resources])


@handles(
    IncrementalAlterConfigsRequest,
    versions="0-1",
    authorise=needs(Operation.ALTER_CONFIGS, Resource.TOPIC, per_item=True),
    refuse=refuse,
)
async def incremental_alter_configs(
    call: Call, request: IncrementalAlterConfigsRequest
) -> IncrementalAlterConfigsResponse:
    """Change each resource, all of its keys or none.

    Errors, per resource: those of `alter_configs`; KAFKA_STORAGE_ERROR.
    """
    told = []
    often = Counter((r.resource_type, r.resource_name) for r in request.resources)
    for resource in request.resources:
        try:
            check_once(often[resource.resource_type, resource.resource_name])
            await _alter(call, resource, validate_only=request.validate_only)
        except KafkaError as error:
            told.append(_told(resource, error))
        else:
            told.append(_told(resource, None))
    return IncrementalAlterConfigsResponse(responses=told)


async def _alter(
    call: Call, resource: IncrementalAlterConfigsResource, *, validate_only: bool
) -> None:
    kind, name = resource.resource_type, resource.resource_name
    check_allowed(call, Operation.ALTER_CONFIGS, kind, name)
    changes = [Change(each.name, each.config_operation, each.value) for each in resource.configs]
    if kind == RESOURCE_BROKER_LOGGER:
        check_changes(changes)
        words = "Unexpected node id. Expected {0}, but received {1}"
        check_node_id(name, call.node.node_id, words)
        alter_loggers(changes, validate_only=validate_only)
        return
    await call.node.controller.alter_configs(kind, name, changes, validate_only=validate_only)


def _told(
    resource: IncrementalAlterConfigsResource, error: KafkaError | None
) -> IncrementalAlterConfigsResourceResponse:
    return IncrementalAlterConfigsResourceResponse(
        error_code=ErrorCode.NONE if error is None else error.code,
        error_message=None if error is None else error.message,
        resource_type=resource.resource_type,
        resource_name=resource.resource_name,
    )
