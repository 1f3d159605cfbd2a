"""The assignor of share groups: nothing and nobody is left out, and little moves."""

from random import Random

import pytest

from kafkacompat.coordinator.groups.simple_assignor import assign
from kafkacompat.coordinator.groups.topics import Assignment

T, U = b"t" * 16, b"u" * 16


def names(count: int) -> list[str]:
    return [f"m{index:03}" for index in range(count)]


def check(
    found: dict[str, Assignment], wanted: dict[str, list[bytes]], partitions: dict[bytes, int]
) -> None:
    """Check that whoever can have something has, and whatever can be had is, with no excess."""
    holders: dict[tuple[bytes, int], list[str]] = {}
    for member, places in found.items():
        for place in places:
            assert place[0] in wanted[member]
            assert place[1] < partitions[place[0]]
            holders.setdefault(place, []).append(member)
    for topic, count in partitions.items():
        if any(topic in topics for topics in wanted.values()):
            assert all((topic, index) in holders for index in range(count))
    for member, topics in wanted.items():
        assert bool(found[member]) == any(partitions.get(topic) for topic in topics)
    for those in holders.values():
        assert len(those) == 1 or all(len(found[member]) == 1 for member in those)


@pytest.mark.parametrize("members", [1, 2, 3, 7, 10, 11, 25])
@pytest.mark.parametrize("partitions", [1, 2, 5, 10, 16])
def test_equal_members_have_equal_loads(members: int, partitions: int) -> None:
    wanted = {name: [T] for name in names(members)}

    found = assign(wanted, {T: partitions}, {})

    check(found, wanted, {T: partitions})
    loads = [len(places) for places in found.values()]
    assert max(loads) - min(loads) <= 1
    holders = [sum((T, index) in held for held in found.values()) for index in range(partitions)]
    assert max(holders) - min(holders) <= 1


@pytest.mark.parametrize("seed", range(40))
def test_loads_stay_equal_while_members_come_and_go(seed: int) -> None:
    random = Random(seed)
    partitions = {T: random.randint(1, 12)}
    current: dict[str, Assignment] = {}
    for _ in range(12):
        wanted = {name: [T] for name in random.sample(names(24), random.randint(1, 24))}
        current = assign(wanted, partitions, current)
        check(current, wanted, partitions)
        loads = [len(places) for places in current.values()]
        holders = [sum((T, i) in held for held in current.values()) for i in range(partitions[T])]
        assert max(loads) - min(loads) <= 1
        assert max(holders) - min(holders) <= 1
        assert assign(wanted, partitions, current) == current
        if random.random() < 0.3:
            partitions = {T: partitions[T] + 3}


@pytest.mark.parametrize("seed", range(40))
def test_whatever_each_subscribes_to_nobody_and_nothing_is_left_out(seed: int) -> None:
    random = Random(seed)
    topics = [bytes([number]) * 16 for number in range(5)]
    partitions = {topic: random.randint(0, 6) for topic in topics}
    current: dict[str, Assignment] = {}
    for _ in range(8):
        wanted = {
            name: random.sample(topics, random.randint(0, 5))
            for name in random.sample(names(9), random.randint(1, 9))
        }
        current = assign(wanted, partitions, current)
        check(current, wanted, partitions)
        assert assign(wanted, partitions, current) == current


def test_who_comes_takes_no_more_than_its_share() -> None:
    wanted = {name: [T] for name in names(4)}
    before = assign(wanted, {T: 20}, {})

    after = assign(wanted | {"new": [T]}, {T: 20}, before)

    assert {name: len(after[name]) for name in after} == dict.fromkeys([*wanted, "new"], 4)
    assert all(after[name] < before[name] for name in wanted)


def test_who_stays_keeps_what_it_has_when_another_goes() -> None:
    wanted = {name: [T] for name in names(4)}
    before = assign(wanted, {T: 8}, {})
    gone = wanted.popitem()[0]

    after = assign(wanted, {T: 8}, before)

    assert all(after[name] >= before[name] for name in wanted)
    assert gone not in after


def test_a_topic_that_is_not_wanted_any_more_is_taken_away() -> None:
    before = assign({"m": [T, U]}, {T: 1, U: 1}, {})

    assert before == {"m": frozenset({(T, 0), (U, 0)})}
    assert assign({"m": [U]}, {T: 1, U: 1}, before) == {"m": frozenset({(U, 0)})}


def test_without_topics_or_members_there_is_nothing() -> None:
    assert assign({}, {T: 3}, {}) == {}
    assert assign({"m": []}, {T: 3}, {}) == {"m": frozenset()}
    assert assign({"m": [U]}, {}, {"m": frozenset({(U, 0)})}) == {"m": frozenset()}
