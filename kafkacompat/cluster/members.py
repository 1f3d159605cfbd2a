"""The nodes of a cluster that live, and which of them leads what."""

from typing import TYPE_CHECKING, NamedTuple

from kafkacompat.config import keys
from kafkacompat_protocol.errors import ErrorCode, KafkaError

if TYPE_CHECKING:
    from kafkacompat.broker import Node
    from kafkacompat.partitions.partition import Partition
    from kafkacompat.server.connection import Connection


class Address(NamedTuple):
    """Where a client reaches a node."""

    node_id: int
    host: str
    port: int
    rack: str | None


class Members:
    """Nodes by id, in the order of their ids. With one node, it is the cluster."""

    def __init__(self, *, several: bool = False) -> None:
        self.nodes: dict[int, Node] = {}
        self.racks: dict[int, str | None] | None = {} if several else None
        """By node; None in a cluster that has one node and never more."""

    def join(self, node: "Node") -> None:
        """Count a node as living."""
        self.nodes[node.node_id] = node
        self.nodes = dict(sorted(self.nodes.items()))
        if self.racks is not None:
            self.racks[node.node_id] = node.config.get(keys.BROKER_RACK)

    def leave(self, node: "Node") -> None:
        """Count a node as dead."""
        if self.nodes.get(node.node_id) is node:
            del self.nodes[node.node_id]
            if self.racks is not None:
                self.racks.pop(node.node_id, None)

    def is_first(self, node: "Node") -> bool:
        """Whether a node is the one that does what needs to be done once for all."""
        return next(iter(self.nodes.values()), None) is node

    def leading(self, topic: str, index: int) -> "Node | None":
        """Return the living node that leads a partition, None if there is none."""
        for node in self.nodes.values():
            state = node.image.partition(topic, index)
            return None if state is None else self.nodes.get(state.leader)
        return None

    def partition(self, topic: str, index: int) -> "Partition":
        """Return a partition, from the node that leads it. Errors: those of `Partitions.find`."""
        node = self.leading(topic, index) or next(iter(self.nodes.values()), None)
        if node is None:
            raise KafkaError(ErrorCode.NOT_LEADER_OR_FOLLOWER)
        return node.partitions.find(topic, index)

    def address(self, node_id: int, connection: "Connection") -> Address | None:
        """Return where a client that came by a connection reaches a node, None if it is dead."""
        node = self.nodes.get(node_id)
        if node is None:
            return None
        host, port = node.advertised(connection)
        return Address(node_id, host, port, node.config.get(keys.BROKER_RACK))

    def addresses(self, connection: "Connection") -> list[Address]:
        """Return where a client that came by a connection reaches each of the nodes."""
        found = (self.address(node_id, connection) for node_id in self.nodes)
        return [address for address in found if address is not None]
