"""Topics by name and by pattern."""

from kafkacompat.coordinator.groups.consumer.member import ConsumerMember
from kafkacompat.coordinator.groups.consumer.subscriptions import (
    TopicsView,
    describe,
    names_of,
    resolve,
)
from kafkacompat.coordinator.groups.topics import Topic

TOPICS = {"ab": Topic(b"1" * 16, 1), "b": Topic(b"2" * 16, 2), "__a": Topic(b"3" * 16, 1)}
VIEW = TopicsView(TOPICS.get, TOPICS.keys, 1)


def test_a_pattern_means_whole_names_and_internal_topics_too() -> None:
    assert resolve(["a.*|.*a", "a"], VIEW) == {
        "a.*|.*a": frozenset({"ab", "__a"}),
        "a": frozenset(),
    }


def test_names_and_patterns_add_up() -> None:
    member = ConsumerMember("m", topics=("x",), pattern="p")
    assert names_of(member, {"p": frozenset({"ab"})}) == {"x", "ab"}
    assert names_of(member, {}) == {"x"}


def test_topics_that_are_not_there_are_left_out() -> None:
    assert describe(["b", "nowhere"], VIEW) == {"b": TOPICS["b"]}
