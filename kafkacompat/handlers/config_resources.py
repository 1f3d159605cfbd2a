"""What the requests about configurations share: whether the caller may, and how often it asked."""

from kafkacompat.metadata.image import RESOURCE_GROUP, RESOURCE_TOPIC
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat_protocol.errors import ErrorCode, KafkaError

CLUSTER = "kafka-cluster"


def check_allowed(call: Call, operation: Operation, resource_type: int, name: str) -> None:
    """Check that the caller may do this to a resource; all but topics and groups are the cluster's.

    Errors: TOPIC_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED.
    """
    kinds = {RESOURCE_TOPIC: Resource.TOPIC, RESOURCE_GROUP: Resource.GROUP}
    kind = kinds.get(resource_type, Resource.CLUSTER)
    code = call.check(operation, kind, CLUSTER if kind is Resource.CLUSTER else name)
    if code:
        raise KafkaError(code)


def check_once(times: int) -> None:
    """Refuse a resource that one request names several times. Errors: INVALID_REQUEST."""
    if times > 1:
        raise KafkaError(ErrorCode.INVALID_REQUEST, "Each resource must appear at most once.")
