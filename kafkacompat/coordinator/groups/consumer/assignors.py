"""Who gets which partition: pure functions of members, topics and what was assigned before.

`uniform` spreads all partitions as evenly as subscriptions allow and moves as few as it can;
`range` gives each member a run of every topic, so that equal partitions of topics go together.
"""

import heapq
from collections.abc import Callable, Mapping
from typing import NamedTuple

from kafkacompat.coordinator.groups.topics import NOTHING, Assignment, Place


class Subscriber(NamedTuple):
    """A member, as an assignor sees it."""

    topics: frozenset[bytes]
    """Ids of what it subscribes to, of topics that exist."""
    rack_id: str | None = None
    order: str = ""
    """By what it is sorted: the instance's id, else the member's."""


Subscribers = Mapping[str, Subscriber]
Sizes = Mapping[bytes, int]
"""Topic id -> number of partitions."""
Racks = Mapping[Place, frozenset[str]]
"""Where there are replicas of a partition; one that is missing has none known."""
Assignments = dict[str, Assignment]
Assignor = Callable[[Subscribers, Sizes, Mapping[str, Assignment], Racks], Assignments]


def uniform(
    members: Subscribers, sizes: Sizes, before: Mapping[str, Assignment], racks: Racks
) -> Assignments:
    """Spread partitions evenly, keeping what members have as far as that allows."""
    held: dict[str, set[Place]] = {}
    taken: set[Place] = set()
    for member_id in sorted(members):
        kept = {
            place
            for place in before.get(member_id, NOTHING)
            if place[0] in members[member_id].topics
            and place[1] < sizes.get(place[0], 0)
            and place not in taken
        }
        taken |= kept
        held[member_id] = kept
    subscribers: dict[bytes, list[str]] = {
        topic_id: [m for m in sorted(members) if topic_id in members[m].topics]
        for topic_id in sorted(sizes)
    }
    _spread(members, sizes, subscribers, held, taken, racks)
    while _balance(members, subscribers, held):
        pass
    return {member_id: frozenset(places) for member_id, places in held.items()}


def _spread(
    members: Subscribers,
    sizes: Sizes,
    subscribers: dict[bytes, list[str]],
    held: dict[str, set[Place]],
    taken: set[Place],
    racks: Racks,
) -> None:
    """Give away what nobody has, topics with few subscribers first, to whoever has least."""
    for topic_id in sorted(sizes, key=lambda each: (len(subscribers[each]), each)):
        able = subscribers[topic_id]
        if not able:
            continue
        heap = [(len(held[member_id]), member_id) for member_id in able]
        heapq.heapify(heap)
        for partition in range(sizes[topic_id]):
            place = (topic_id, partition)
            if place in taken:
                continue
            chosen = _nearest(heap, members, racks.get(place))
            held[chosen].add(place)


def _nearest(heap: list[tuple[int, str]], members: Subscribers, near: frozenset[str] | None) -> str:
    """Take the member with least from the heap; among equals one in the right rack."""
    load, chosen = heap[0]
    if near and members[chosen].rack_id not in near:
        equals = [entry for entry in heap if entry[0] == load and members[entry[1]].rack_id in near]
        if equals:
            entry = min(equals)
            heap.remove(entry)
            heapq.heapify(heap)
            heapq.heappush(heap, (load + 1, entry[1]))
            return entry[1]
    heapq.heapreplace(heap, (load + 1, chosen))
    return chosen


def _balance(
    members: Subscribers, subscribers: dict[bytes, list[str]], held: dict[str, set[Place]]
) -> bool:
    """Move partitions from who has most to who has at least two less; return whether any moved.

    Where all subscribe to the same, once is enough. Else what one has given may let another give.
    """
    has_moved = False
    givers = [(-len(places), member_id) for member_id, places in held.items()]
    heapq.heapify(givers)
    all_same = len({members[m].topics for m in members}) <= 1
    takers = [(len(places), member_id) for member_id, places in held.items()] if all_same else []
    heapq.heapify(takers)
    while givers:
        load, giver = heapq.heappop(givers)
        if -load != len(held[giver]):
            continue  # an older entry
        taker = _least(takers, held) if all_same else None
        move = _move(giver, taker, subscribers, held)
        if move is None:
            if all_same:
                break
            continue
        has_moved = True
        place, taker = move
        held[giver].discard(place)
        held[taker].add(place)
        heapq.heappush(givers, (-len(held[giver]), giver))
        heapq.heappush(givers, (-len(held[taker]), taker))
        if all_same:
            heapq.heappush(takers, (len(held[taker]), taker))
            heapq.heappush(takers, (len(held[giver]), giver))
    return has_moved and not all_same


def _least(takers: list[tuple[int, str]], held: dict[str, set[Place]]) -> str | None:
    """Return the member that has least of all."""
    while takers and takers[0][0] != len(held[takers[0][1]]):
        heapq.heappop(takers)
    return takers[0][1] if takers else None


def _move(
    giver: str,
    taker: str | None,
    subscribers: dict[bytes, list[str]],
    held: dict[str, set[Place]],
) -> tuple[Place, str] | None:
    """Return a partition that a member should give, and to whom; None if it should give none."""
    load = len(held[giver])
    if taker is not None:
        if load - len(held[taker]) < 2:
            return None
        return max(held[giver]), taker
    best: tuple[int, Place, str] | None = None
    for topic_id in {place[0] for place in held[giver]}:
        least = min(subscribers[topic_id], key=lambda m: (len(held[m]), m))
        if load - len(held[least]) < 2:
            continue
        place = max(p for p in held[giver] if p[0] == topic_id)
        found = (len(held[least]), place, least)
        best = found if best is None or found < best else best
    return None if best is None else (best[1], best[2])


def by_range(
    members: Subscribers, sizes: Sizes, before: Mapping[str, Assignment], racks: Racks
) -> Assignments:
    """Give each subscriber of a topic one run of its partitions, in the order of members."""
    held: dict[str, set[Place]] = {member_id: set() for member_id in members}
    in_order = sorted(members, key=lambda member_id: (members[member_id].order, member_id))
    for topic_id, size in sizes.items():
        able = [member_id for member_id in in_order if topic_id in members[member_id].topics]
        if not able:
            continue
        share, more = divmod(size, len(able))
        start = 0
        for number, member_id in enumerate(able):
            end = start + share + (number < more)
            held[member_id].update((topic_id, partition) for partition in range(start, end))
            start = end
    return {member_id: frozenset(places) for member_id, places in held.items()}


ASSIGNORS: dict[str, Assignor] = {"uniform": uniform, "range": by_range}
"""By name; the first is what a group uses whose members prefer none."""
DEFAULT_ASSIGNOR = "uniform"
