"""Assignors: everything is assigned once, evenly, to those who subscribe, and little moves."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kafkacompat.coordinator.groups.consumer.assignors import (
    ASSIGNORS,
    Assignments,
    Sizes,
    Subscriber,
    by_range,
    uniform,
)

T, U = b"t" * 16, b"u" * 16


def members(**topics: frozenset[bytes]) -> dict[str, Subscriber]:
    return {name: Subscriber(wanted) for name, wanted in topics.items()}


def counts(found: Assignments) -> list[int]:
    return sorted(len(places) for places in found.values())


BOTH = frozenset({T, U})


def test_uniform_spreads_evenly_and_moves_only_what_it_must() -> None:
    two = members(a=BOTH, b=BOTH)
    first = uniform(two, {T: 3, U: 3}, {}, {})
    assert counts(first) == [3, 3]
    three = uniform(members(a=BOTH, b=BOTH, c=BOTH), {T: 3, U: 3}, first, {})
    assert counts(three) == [2, 2, 2]
    assert three["a"] < first["a"]
    assert three["b"] < first["b"]
    assert uniform(two, {T: 3, U: 3}, first, {}) == first


def test_uniform_prefers_members_near_a_replica_among_equals() -> None:
    near = {"a": Subscriber(BOTH, "east"), "b": Subscriber(BOTH, "west")}
    racks = {(T, 0): frozenset({"west"}), (T, 1): frozenset({"east"})}
    assert uniform(near, {T: 2}, {}, racks) == {
        "a": frozenset({(T, 1)}),
        "b": frozenset({(T, 0)}),
    }


def test_range_gives_equal_partitions_of_topics_to_the_same_member() -> None:
    found = by_range(members(a=BOTH, b=BOTH), {T: 3, U: 3}, {}, {})
    assert found == {
        "a": frozenset({(T, 0), (T, 1), (U, 0), (U, 1)}),
        "b": frozenset({(T, 2), (U, 2)}),
    }


def test_range_follows_the_order_of_instances() -> None:
    found = by_range(
        {"z": Subscriber(BOTH, order="1"), "a": Subscriber(BOTH, order="2")}, {T: 2}, {}, {}
    )
    assert found["z"] == frozenset({(T, 0)})


topics = st.dictionaries(
    st.sampled_from([bytes([65 + number]) * 16 for number in range(4)]), st.integers(0, 9)
)


@st.composite
def groups(draw: st.DrawFn) -> tuple[dict[str, Subscriber], Sizes, Assignments]:
    sizes = draw(topics)
    wanted = st.frozensets(st.sampled_from(sorted(sizes)) if sizes else st.nothing())
    names = draw(st.lists(st.sampled_from("abcdefg"), unique=True))
    subscribers = {name: Subscriber(draw(wanted), order=name) for name in names}
    places = [(topic, index) for topic, size in sizes.items() for index in range(size + 2)]
    before: Assignments = {}
    for name in draw(st.lists(st.sampled_from("abcdefghi"), unique=True)):
        before[name] = draw(st.frozensets(st.sampled_from(places) if places else st.nothing()))
    return subscribers, sizes, before


@settings(max_examples=200, deadline=None)
@given(groups(), st.sampled_from(sorted(ASSIGNORS)))
def test_every_partition_has_one_owner_who_subscribes(
    group: tuple[dict[str, Subscriber], Sizes, Assignments], name: str
) -> None:
    subscribers, sizes, before = group
    found = ASSIGNORS[name](subscribers, sizes, before, {})
    assert found.keys() == subscribers.keys()
    given_away = [place for places in found.values() for place in places]
    assert len(given_away) == len(set(given_away))
    for member_id, places in found.items():
        assert all(topic in subscribers[member_id].topics for topic, _ in places)
    wanted = {topic for each in subscribers.values() for topic in each.topics}
    assert set(given_away) == {(t, i) for t in wanted for i in range(sizes[t])}


@settings(max_examples=200, deadline=None)
@given(groups())
def test_uniform_is_even_and_stays_as_it_is(
    group: tuple[dict[str, Subscriber], Sizes, Assignments],
) -> None:
    subscribers, sizes, before = group
    found = uniform(subscribers, sizes, before, {})
    for giver, places in found.items():
        for topic, _ in places:
            for taker, other in found.items():
                if topic in subscribers[taker].topics:
                    assert len(places) - len(other) < 2, f"{giver} could give to {taker}"
    assert uniform(subscribers, sizes, found, {}) == found
