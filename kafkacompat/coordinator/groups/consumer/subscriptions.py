"""Which topics a group's members subscribe to: by name, and by patterns that stand for names."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from kafkacompat.coordinator.groups.consumer.member import ConsumerMember
from kafkacompat.coordinator.groups.topics import Topic, Topics
from kafkacompat.coordinator.patterns import compile_pattern

Patterns = Mapping[str, frozenset[str]]
"""Pattern -> the topics that it stands for."""


class TopicsView(NamedTuple):
    """The topics of the cluster as they are now."""

    find: Topics
    names: Callable[[], Iterable[str]]
    version: int
    """Another number whenever a topic came, went or got partitions."""


def resolve(patterns: Iterable[str], topics: TopicsView) -> dict[str, frozenset[str]]:
    """Return the topics that patterns stand for: whole names, those of internal topics, too.

    Errors: INVALID_REGULAR_EXPRESSION.
    """
    found = {}
    for text in patterns:
        pattern = compile_pattern(text)
        found[text] = frozenset(
            name for name in topics.names() if pattern.fullmatch(name) is not None
        )
    return found


def names_of(member: ConsumerMember, patterns: Patterns) -> frozenset[str]:
    """Return the names of all topics that a member subscribes to."""
    names = frozenset(member.topics)
    return names | patterns.get(member.pattern, frozenset()) if member.pattern else names


def describe(names: Iterable[str], topics: TopicsView) -> dict[str, Topic]:
    """Return the topics of these names that exist."""
    return {name: topic for name in names if (topic := topics.find(name)) is not None}
