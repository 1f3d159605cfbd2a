"""One request being served: who asks, from where, and for which node."""

from enum import IntEnum
from typing import TYPE_CHECKING

from kafkacompat_protocol.errors import ErrorCode

if TYPE_CHECKING:
    from kafkacompat.broker import Node
    from kafkacompat.server.connection import Connection


class Operation(IntEnum):
    """What a request does to a resource, numbered as in Kafka's ACLs."""

    READ = 3
    WRITE = 4
    CREATE = 5
    DELETE = 6
    ALTER = 7
    DESCRIBE = 8
    CLUSTER_ACTION = 9
    DESCRIBE_CONFIGS = 10
    ALTER_CONFIGS = 11
    IDEMPOTENT_WRITE = 12


class Resource(IntEnum):
    """What is protected, numbered as in Kafka's ACLs."""

    TOPIC = 2
    GROUP = 3
    CLUSTER = 4
    TRANSACTIONAL_ID = 5


class Call:
    """Handed to every handler beside its request."""

    __slots__ = ("api_key", "client_id", "connection", "node", "version")

    def __init__(self, node: "Node", connection: "Connection", api_key: int, version: int) -> None:
        self.node = node
        self.connection = connection
        self.api_key = api_key
        self.version = version
        self.client_id = connection.client_id

    def authorize(self, operation: Operation, resource: Resource, name: str) -> bool:
        """Whether the caller may do this. Everything is allowed: no authorizer exists yet."""
        return True

    def check(self, operation: Operation, resource: Resource, name: str) -> ErrorCode:
        """Return NONE, or the error code that refuses this operation on this resource."""
        if self.authorize(operation, resource, name):
            return ErrorCode.NONE
        return _REFUSALS[resource]


_REFUSALS = {
    Resource.TOPIC: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
    Resource.GROUP: ErrorCode.GROUP_AUTHORIZATION_FAILED,
    Resource.CLUSTER: ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
    Resource.TRANSACTIONAL_ID: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
}
