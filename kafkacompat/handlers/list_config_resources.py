"""ListConfigResources (key 74): name the resources that have a configuration.

v0 (KIP-714) is about client-metrics resources only; v1 (KIP-1142) takes types, none for all.
"""

from collections.abc import Iterator

from kafkacompat.handlers.config_resources import CLUSTER
from kafkacompat.metadata.image import (
    RESOURCE_BROKER,
    RESOURCE_BROKER_LOGGER,
    RESOURCE_CLIENT_METRICS,
    RESOURCE_GROUP,
    RESOURCE_TOPIC,
    MetadataImage,
)
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.list_config_resources import (
    ConfigResource,
    ListConfigResourcesRequest,
    ListConfigResourcesResponse,
)

TYPES = (
    RESOURCE_TOPIC,
    RESOURCE_BROKER,
    RESOURCE_BROKER_LOGGER,
    RESOURCE_CLIENT_METRICS,
    RESOURCE_GROUP,
)


@handles(
    ListConfigResourcesRequest,
    versions="0-1",
    authorise=needs(Operation.DESCRIBE_CONFIGS, Resource.CLUSTER),
)
def list_config_resources(
    call: Call, request: ListConfigResourcesRequest
) -> ListConfigResourcesResponse:
    """Name resources of the types asked for; of groups and subscriptions those with settings.

    Errors: CLUSTER_AUTHORIZATION_FAILED; UNSUPPORTED_VERSION for a type that nobody knows.
    """
    code = call.check(Operation.DESCRIBE_CONFIGS, Resource.CLUSTER, CLUSTER)
    if code:
        raise KafkaError(code)
    wanted = set(request.resource_types or TYPES)
    if call.version == 0:
        wanted = {RESOURCE_CLIENT_METRICS}
    if not wanted.issubset(TYPES):
        raise KafkaError(ErrorCode.UNSUPPORTED_VERSION)
    return ListConfigResourcesResponse(
        error_code=0,
        config_resources=[
            ConfigResource(resource_name=name, resource_type=kind)
            for kind in sorted(wanted)
            for name in _names(call.node.image, kind)
        ],
    )


def _names(image: MetadataImage, kind: int) -> Iterator[str]:
    if kind == RESOURCE_TOPIC:
        yield from image.topics
    elif kind in (RESOURCE_BROKER, RESOURCE_BROKER_LOGGER):
        yield from map(str, image.brokers)
    else:
        yield from (name for resource_type, name in image.configs if resource_type == kind)
