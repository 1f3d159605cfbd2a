"""Tells clients that came to the wrong broker who leads, so that they need not ask.

Spec: KIP-951.
"""

from collections.abc import Iterable
from typing import Any

from kafkacompat.cluster.members import Address
from kafkacompat.metadata.image import TopicState
from kafkacompat.server.call import Call
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages import fetch, produce

WRONG_LEADER = (ErrorCode.NOT_LEADER_OR_FOLLOWER, ErrorCode.FENCED_LEADER_EPOCH)


Slot = tuple[bytes, str, int, Any]
"""Topic id, topic name (either may be blank), partition, and its part of the answer."""


def tell_producer(call: Call, response: produce.ProduceResponse) -> None:
    """Add leaders to the slots that say that this is none."""
    slots = (
        (topic.topic_id, topic.name, slot.index, slot)
        for topic in response.responses
        for slot in topic.partition_responses
    )
    response.node_endpoints = _tell(call, slots, produce)


def tell_consumer(call: Call, response: fetch.FetchResponse) -> None:
    """Add leaders to the slots that say that this is none."""
    slots = (
        (topic.topic_id, topic.topic, slot.partition_index, slot)
        for topic in response.responses
        for slot in topic.partitions
    )
    response.node_endpoints = _tell(call, slots, fetch)


def _tell(call: Call, slots: Iterable[Slot], messages: Any) -> list[Any]:
    """Name leaders in slots, in the terms of one module of messages; return where they are."""
    named = set()
    for topic_id, name, index, slot in slots:
        if slot.error_code not in WRONG_LEADER:
            continue
        found = _leader(_topic(call, topic_id, name), index)
        if found is not None:
            slot.current_leader = messages.LeaderIdAndEpoch(
                leader_id=found[0], leader_epoch=found[1]
            )
            named.add(found[0])
    return [
        messages.NodeEndpoint(node_id=node_id, host=host, port=port, rack=rack)
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
