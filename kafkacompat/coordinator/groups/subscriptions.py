"""What the members of a consumer group subscribe to, read from their protocol metadata.

    version int16 | topics: array of string | user data: bytes | newer fields

Spec: Kafka's ConsumerProtocolSubscription.
"""

import struct

from kafkacompat.coordinator.groups.classic import ClassicGroup

MAX_TOPICS = 100_000


def subscribed_topics(group: ClassicGroup) -> frozenset[str]:
    """Return the topics that any member names; metadata that cannot be read names none."""
    found: set[str] = set()
    for member in group.members.values():
        for _, metadata in member.protocols:
            found.update(_topics(metadata))
    return frozenset(found)


def _topics(metadata: bytes) -> list[str]:
    try:
        count: int = struct.unpack_from(">i", metadata, 2)[0]
        if count > MAX_TOPICS:
            return []
        position, topics = 6, []
        for _ in range(count):
            size: int = struct.unpack_from(">h", metadata, position)[0]
            end = position + 2 + size
            if size < 0 or end > len(metadata):
                return []
            topics.append(str(metadata[position + 2 : end], "utf-8"))
            position = end
    except (struct.error, UnicodeDecodeError):
        return []
    return topics
