"""Tells clients that came to the wrong broker who leads, so that they need not ask.

Spec: KIP-951.
"""

from collections.abc import Iterable

from kafkacompat.cluster.members import Address
from kafkacompat.metadata.image import TopicState
from kafkacompat.server.call import Call
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages import fetch, produce

WRONG_LEADER = (ErrorCode.NOT_LEADER_OR_FOLLOWER, ErrorCode.FENCED_LEADER_EPOCH)


def tell_producer(call: Call, response: produce.ProduceResponse) -> None:
    """Add leaders to the slots that say that this is none."""
    named = set()
    for topic in response.responses:
        state = _topic(call, topic.topic_id, topic.name)
        for slot in topic.partition_responses:
            found = _leader(state, slot.index) if slot.error_code in WRONG_LEADER else None
            if found is not None:
                slot.current_leader = produce.LeaderIdAndEpoch(
                    leader_id=found[0], leader_epoch=found[1]
                )
                named.add(found[0])
    response.node_endpoints = [
        produce.NodeEndpoint(node_id=node_id, host=host, port=port, rack=rack)
        for node_id, host, port, rack in _addresses(call, named)
    ]


def tell_consumer(call: Call, response: fetch.FetchResponse) -> None:
    """Add leaders to the slots that say that this is none."""
    named = set()
    for topic in response.responses:
        state = _topic(call, topic.topic_id, topic.topic)
        for slot in topic.partitions:
            found = (
                _leader(state, slot.partition_index) if slot.error_code in WRONG_LEADER else None
            )
            if found is not None:
                slot.current_leader = fetch.LeaderIdAndEpoch(
                    leader_id=found[0], leader_epoch=found[1]
                )
                named.add(found[0])
    response.node_endpoints = [
        fetch.NodeEndpoint(node_id=node_id, host=host, port=port, rack=rack)
        for node_id, host, port, rack in _addresses(call, named)
    ]


def _topic(call: Call, topic_id: bytes, name: str) -> TopicState | None:
    image = call.node.image
    return image.topics_by_id.get(topic_id) or image.topics.get(name)


def _leader(topic: TopicState | None, index: int) -> tuple[int, int] | None:
    """Return the leader of a partition and its epoch, if that is known."""
    state = None if topic is None else topic.partitions.get(index)
    return None if state is None else (state.leader, state.leader_epoch)


def _addresses(call: Call, nodes: Iterable[int]) -> list[Address]:
    found = (call.node.members.address(node_id, call.connection) for node_id in sorted(nodes))
    return [address for address in found if address is not None]
