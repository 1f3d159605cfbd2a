"""Which replica a consumer reads from: the leader, a follower that it asked, or a nearer one.

Spec: KIP-392.
"""

from typing import TYPE_CHECKING

from kafkacompat.config import keys
from kafkacompat.config.keys.network import RACK_AWARE
from kafkacompat.partitions.fetch_sessions import FetchKey
from kafkacompat.partitions.partition import Partition
from kafkacompat_protocol.errors import ErrorCode, KafkaError

if TYPE_CHECKING:
    from kafkacompat.server.call import Call


class Replicas:
    """The replicas that one fetch may read from, in a cluster of several brokers."""

    def __init__(self, call: "Call", rack: str) -> None:
        self._node = call.node
        self._racks = call.node.members.racks or {}
        self.rack: str | None = None
        """The client's rack, if it is another and nearer replicas are looked for."""
        if rack and rack != self._racks.get(call.node.node_id):
            selector = call.node.config.get(keys.REPLICA_SELECTOR)
            self.rack = rack if selector == RACK_AWARE else None

    def followed(self, key: FetchKey, error: KafkaError) -> Partition:
        """Return a partition that this node does not lead, to be read all the same.

        It is the leader's, as all replicas are one log. Errors: `error`, where this node has no
        replica in sync.
        """
        if error.code is not ErrorCode.NOT_LEADER_OR_FOLLOWER:
            raise error
        image = self._node.image
        topic = image.topics_by_id.get(key.topic_id) or image.topics.get(key.topic)
        state = topic.partitions.get(key.partition) if topic is not None else None
        if topic is None or state is None or self._node.node_id not in state.isr:
            raise error
        return self._node.members.partition(topic.name, key.partition)

    def nearer(self, partition: Partition) -> int | None:
        """Return a follower in the client's rack, which it should rather read from."""
        if self.rack is None:
            return None
        state = self._node.image.partition(partition.topic, partition.index)
        if state is None or state.leader != self._node.node_id:
            return None
        return next((each for each in state.isr if self._racks.get(each) == self.rack), None)
