"""Small questions about topics that several handlers ask."""

from typing import TYPE_CHECKING

from kafkacompat.metadata.image import TopicState
from kafkacompat.metadata.internal_topics import INTERNAL_TOPICS
from kafkacompat.server.call import Operation
from kafkacompat_protocol.schema import ZERO_UUID

if TYPE_CHECKING:
    from kafkacompat.broker import Node

NO_OPERATIONS = -2147483648


def operations(*allowed: Operation) -> int:
    """Return operations as the bit field of an answer (KIP-430)."""
    return sum(1 << operation for operation in allowed)


TOPIC_OPERATIONS = operations(
    Operation.READ,
    Operation.WRITE,
    Operation.CREATE,
    Operation.DELETE,
    Operation.ALTER,
    Operation.DESCRIBE,
    Operation.DESCRIBE_CONFIGS,
    Operation.ALTER_CONFIGS,
)
CLUSTER_OPERATIONS = operations(
    Operation.CREATE,
    Operation.ALTER,
    Operation.DESCRIBE,
    Operation.CLUSTER_ACTION,
    Operation.DESCRIBE_CONFIGS,
    Operation.ALTER_CONFIGS,
    Operation.IDEMPOTENT_WRITE,
)
GROUP_OPERATIONS = operations(
    Operation.READ,
    Operation.DELETE,
    Operation.DESCRIBE,
    Operation.DESCRIBE_CONFIGS,
    Operation.ALTER_CONFIGS,
)


def is_internal(topic: str) -> bool:
    """Whether a topic is the broker's own."""
    return topic in INTERNAL_TOPICS


def find_topic(node: "Node", name: str | None, topic_id: bytes) -> TopicState | None:
    """Return a topic by its id if one is given, else by its name."""
    if topic_id != ZERO_UUID:
        return node.image.topics_by_id.get(topic_id)
    return node.image.topics.get(name or "")
