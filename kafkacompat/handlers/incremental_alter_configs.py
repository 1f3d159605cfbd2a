"""IncrementalAlterConfigs (key 44): change single keys of topics, brokers and groups.

Versions differ in form only.
"""

from kafkacompat.metadata.config_commands import Change
from kafkacompat.metadata.image import RESOURCE_GROUP, RESOURCE_TOPIC
from kafkacompat.server.call import Call, Operation, Resource
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
    places = [(r.resource_type, r.resource_name) for r in request.resources]
    told = []
    for resource, place in zip(request.resources, places, strict=True):
        try:
            if places.count(place) > 1:
                raise KafkaError(
                    ErrorCode.INVALID_REQUEST, "Each resource must appear at most once."
                )
            await _alter(call, resource, validate_only=request.validate_only)
        except KafkaError as error:
            told.append(_told(resource, error))
        else:
            told.append(_told(resource, None))
    return IncrementalAlterConfigsResponse(responses=told)


async def _alter(
    call: Call, resource: IncrementalAlterConfigsResource, *, validate_only: bool
) -> None:
    kind = {RESOURCE_TOPIC: Resource.TOPIC, RESOURCE_GROUP: Resource.GROUP}.get(
        resource.resource_type, Resource.CLUSTER
    )
    name = "kafka-cluster" if kind is Resource.CLUSTER else resource.resource_name
    code = call.check(Operation.ALTER_CONFIGS, kind, name)
    if code:
        raise KafkaError(code)
    changes = [Change(each.name, each.config_operation, each.value) for each in resource.configs]
    await call.node.controller.alter_configs(
        resource.resource_type, resource.resource_name, changes, validate_only=validate_only
    )


def _told(
    resource: IncrementalAlterConfigsResource, error: KafkaError | None
) -> IncrementalAlterConfigsResourceResponse:
    return IncrementalAlterConfigsResourceResponse(
        error_code=ErrorCode.NONE if error is None else error.code,
        error_message=None if error is None else error.message,
        resource_type=resource.resource_type,
        resource_name=resource.resource_name,
    )
