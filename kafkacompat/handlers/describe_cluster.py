"""DescribeCluster (key 60): the cluster's id, controller and brokers (KIP-700).

v1 adds endpoint_type: 1 asks for brokers, 2 for controllers, which are not reached through this
port (KIP-919). v2 tells fenced brokers apart.
"""

from kafkacompat.handlers.topic_guards import CLUSTER_OPERATIONS, NO_OPERATIONS
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.describe_cluster import (
    DescribeClusterBroker,
    DescribeClusterRequest,
    DescribeClusterResponse,
)

BROKERS, CONTROLLERS = 1, 2


def refuse(
    request: DescribeClusterRequest, code: ErrorCode, message: str | None
) -> DescribeClusterResponse:
    """Answer with an error."""
    return DescribeClusterResponse(
        error_code=code, error_message=message, cluster_id="", brokers=[]
    )


@handles(
    DescribeClusterRequest,
    versions="0-2",
    authorise=needs(Operation.DESCRIBE, Resource.CLUSTER),
    refuse=refuse,
)
def describe_cluster(call: Call, request: DescribeClusterRequest) -> DescribeClusterResponse:
    """Describe the brokers that live. Errors: MISMATCHED_ENDPOINT_TYPE,
    UNSUPPORTED_ENDPOINT_TYPE."""
    node = call.node
    kind = request.endpoint_type
    if kind not in (BROKERS, CONTROLLERS):
        unsupported = ErrorCode.UNSUPPORTED_ENDPOINT_TYPE
        return refuse(request, unsupported, f"Unsupported endpoint type {kind}")
    if kind != BROKERS:
        return refuse(
            request,
            ErrorCode.MISMATCHED_ENDPOINT_TYPE,
            "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type"
            " CONTROLLER",
        )
    wants_operations = request.include_cluster_authorized_operations
    return DescribeClusterResponse(
        error_code=0,
        cluster_id=node.cluster_id,
        controller_id=node.node_id,
        brokers=[
            DescribeClusterBroker(
                broker_id=node_id, host=host, port=port, rack=rack, is_fenced=False
            )
            for node_id, host, port, rack in node.members.addresses(call.connection)
        ],
        cluster_authorized_operations=CLUSTER_OPERATIONS if wants_operations else NO_OPERATIONS,
    )
