"""FindCoordinator (key 10): who coordinates a group, a transactional id, a share-partition.

v1 adds key_type; v4 asks for several keys at once; v6 adds share-partitions (KIP-932), which only
brokers ask for: `group:topicId:partition`.
"""

from typing import Any

from kafkacompat.coordinator.runtime import Coordinator as AnyCoordinator
from kafkacompat.coordinator.share.records import SharePartitionId
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.find_coordinator import (
    Coordinator,
    FindCoordinatorRequest,
    FindCoordinatorResponse,
)

GROUP, TRANSACTION, SHARE = 0, 1, 2
FIRST_VERSION_WITH_SHARE = 6
FIRST_VERSION_WITH_KEYS = 4


def refuse(
    request: FindCoordinatorRequest, code: ErrorCode, message: str | None
) -> FindCoordinatorResponse:
    """Answer every key with one error, in the form of the version."""
    return FindCoordinatorResponse(
        error_code=code,
        error_message=message,
        node_id=-1,
        port=-1,
        coordinators=[_failed(key, KafkaError(code, message)) for key in request.coordinator_keys],
    )


@handles(
    FindCoordinatorRequest,
    versions="0-6",
    authorise=needs(Operation.DESCRIBE, Resource.GROUP, per_item=True),
    refuse=refuse,
)
async def find_coordinator(call: Call, request: FindCoordinatorRequest) -> FindCoordinatorResponse:
    """Name the node that leads each key's partition of the internal topic, which is made when the
    first of its kind is asked for.

    Errors: INVALID_REQUEST (key type), INVALID_GROUP_ID, COORDINATOR_NOT_AVAILABLE.
    """
    several = call.version >= FIRST_VERSION_WITH_KEYS
    wanted = request.coordinator_keys if several else [request.key]
    found = []
    for key in wanted:
        try:
            found.append(await _find(call, key, request.key_type))
        except KafkaError as error:
            found.append(_failed(key, error))
    if several:
        return FindCoordinatorResponse(coordinators=found)
    only = found[0]
    return FindCoordinatorResponse(
        error_code=only.error_code,
        error_message=only.error_message or "NONE",  # Kafka's own text for success
        node_id=only.node_id,
        host=only.host,
        port=only.port,
    )


async def _find(call: Call, key: str, key_type: int) -> Coordinator:
    node = call.node
    if key_type == GROUP:
        code = call.check(Operation.DESCRIBE, Resource.GROUP, key)
        coordinator: AnyCoordinator[Any] = node.groups
    elif key_type == TRANSACTION:
        code = call.check(Operation.DESCRIBE, Resource.TRANSACTIONAL_ID, key)
        coordinator = node.transactions
    elif key_type == SHARE and call.version >= FIRST_VERSION_WITH_SHARE:
        code = call.check(Operation.CLUSTER_ACTION, Resource.CLUSTER, "kafka-cluster")
        coordinator = node.share
        if SharePartitionId.parse(key) is None:
            raise KafkaError(ErrorCode.INVALID_REQUEST)
    else:
        raise KafkaError(ErrorCode.INVALID_REQUEST)
    if code:
        raise KafkaError(code)
    if not coordinator.has_topic:
        await coordinator.ensure_topic()
    found = coordinator.at(key).node
    host, port = found.advertised(call.connection)
    return Coordinator(
        key=key,
        node_id=found.node_id,
        host=host,
        port=port,
        error_code=0,
        error_message="",
    )


def _failed(key: str, error: KafkaError) -> Coordinator:
    return Coordinator(
        key=key,
        node_id=-1,
        host="",
        port=-1,
        error_code=error.code,
        error_message=error.message or "",
    )
