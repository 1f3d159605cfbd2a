"""AlterConfigs (key 33): replace the whole configuration of topics, brokers, groups, subscriptions.

Versions differ in form only.
"""

from collections import Counter

from kafkacompat.handlers.config_resources import check_allowed, check_once
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.alter_configs import (
    AlterConfigsRequest,
    AlterConfigsResource,
    AlterConfigsResourceResponse,
    AlterConfigsResponse,
)


def refuse(
    request: AlterConfigsRequest, code: ErrorCode, message: str | None
) -> AlterConfigsResponse:
    """Answer every resource with one error."""
    error = KafkaError(code, message)
    return AlterConfigsResponse(responses=[_told(r, error) for r in request.resources])


@handles(
    AlterConfigsRequest,
    versions="0-2",
    authorise=needs(Operation.ALTER_CONFIGS, Resource.TOPIC, per_item=True),
    refuse=refuse,
)
async def alter_configs(call: Call, request: AlterConfigsRequest) -> AlterConfigsResponse:
    """Replace what is set on each resource, or leave it as it is.

    Errors, per resource: those of `config_commands`; KAFKA_STORAGE_ERROR.
    """
    told = []
    often = Counter((r.resource_type, r.resource_name) for r in request.resources)
    for resource in request.resources:
        kind, name = resource.resource_type, resource.resource_name
        try:
            check_once(often[kind, name])
            check_allowed(call, Operation.ALTER_CONFIGS, kind, name)
            values = [(each.name, each.value) for each in resource.configs]
            await call.node.controller.replace_configs(
                kind, name, values, validate_only=request.validate_only
            )
        except KafkaError as error:
            told.append(_told(resource, error))
        else:
            told.append(_told(resource, None))
    return AlterConfigsResponse(responses=told)


def _told(resource: AlterConfigsResource, error: KafkaError | None) -> AlterConfigsResourceResponse:
    return AlterConfigsResourceResponse(
        error_code=ErrorCode.NONE if error is None else error.code,
        error_message=None if error is None else error.message,
        resource_type=resource.resource_type,
        resource_name=resource.resource_name,
    )
