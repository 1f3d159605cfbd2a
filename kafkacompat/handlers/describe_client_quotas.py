"""DescribeClientQuotas (key 48): show the quotas of clients that a filter finds (KIP-546).

v1 differs in form only.
"""

from operator import itemgetter

from kafkacompat.handlers.config_resources import CLUSTER
from kafkacompat.metadata.quota_commands import Component, find_quotas
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.describe_client_quotas import (
    DescribeClientQuotasRequest,
    DescribeClientQuotasResponse,
    EntityData,
    EntryData,
    ValueData,
)


def refuse(
    request: DescribeClientQuotasRequest, code: ErrorCode, message: str | None
) -> DescribeClientQuotasResponse:
    """Answer with an error and no list."""
    return DescribeClientQuotasResponse(error_code=code, error_message=message, entries=None)


@handles(
    DescribeClientQuotasRequest,
    versions="0-1",
    authorise=needs(Operation.DESCRIBE_CONFIGS, Resource.CLUSTER),
    refuse=refuse,
)
def describe_client_quotas(
    call: Call, request: DescribeClientQuotasRequest
) -> DescribeClientQuotasResponse:
    """Show entities and their quotas. Errors: those of `find_quotas`."""
    code = call.check(Operation.DESCRIBE_CONFIGS, Resource.CLUSTER, CLUSTER)
    if code:
        raise KafkaError(code)
    components = [Component(c.entity_type, c.match_type, c.match) for c in request.components]
    found = find_quotas(call.node.image, components, strict=request.strict)
    return DescribeClientQuotasResponse(
        error_code=0,
        error_message="",
        entries=[
            EntryData(
                entity=[
                    EntityData(entity_type=kind, entity_name=name)
                    for kind, name in sorted(entity, key=itemgetter(0))
                ],
                values=[ValueData(key=key, value=value) for key, value in limits.items()],
            )
            for entity, limits in found
        ],
    )
