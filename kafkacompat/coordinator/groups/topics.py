"""Topics as groups see them, whose members subscribe by name and are assigned by id."""

from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2b
from typing import NamedTuple


class Topic(NamedTuple):
    """A topic that exists."""

    topic_id: bytes
    partitions: int


Topics = Callable[[str], Topic | None]
"""Looks a topic up by its name."""

Place = tuple[bytes, int]
"""A partition, by its topic's id."""

Assignment = frozenset[Place]
NOTHING: Assignment = frozenset()


def metadata_hash(topics: Mapping[str, Topic]) -> int:
    """Return a number by which a group notices that topics came, went or got partitions.

    Kafka hashes otherwise: a group that changes hands finds its topics changed once.
    """
    digest = blake2b(digest_size=8)
    for name, topic in sorted(topics.items()):
        digest.update(f"{name}:{topic.partitions}:".encode() + topic.topic_id)
    return int.from_bytes(digest.digest(), "big", signed=True)


def by_topic(assignment: Iterable[Place]) -> list[tuple[bytes, list[int]]]:
    """Return partitions by topic, both in order."""
    found: dict[bytes, list[int]] = {}
    for topic_id, partition in sorted(assignment):
        found.setdefault(topic_id, []).append(partition)
    return list(found.items())
