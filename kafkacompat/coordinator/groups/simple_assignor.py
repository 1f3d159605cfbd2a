"""The assignor of share groups: every partition has a member, every member a partition.

Members hold what they had as far as that is fair: with fewer members than partitions each
partition goes to one member, with more members each member has one partition; loads differ by
one at most where all subscribe to the same. Pure: the same input gives the same result.

Spec: KIP-932 (the assignor `simple`).
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from kafkacompat.coordinator.groups.topics import Assignment, Place

Links = dict[Any, dict[Any, None]]


def assign(
    subscriptions: Mapping[str, Collection[bytes]],
    partitions: Mapping[bytes, int],
    current: Mapping[str, Assignment],
) -> dict[str, Assignment]:
    """Return what each member is to have.

    `subscriptions` are topic ids by member, `partitions` how many of them each topic has.
    """
    wanted = {member: frozenset(topics) for member, topics in sorted(subscriptions.items())}
    places = [
        (topic_id, index)
        for topic_id, count in sorted(partitions.items())
        for index in range(count)
        if any(topic_id in topics for topics in wanted.values())
    ]
    table = _Table(wanted, places)
    table.keep(current)
    table.give_each_place_a_member()
    table.give_each_member_a_place()
    table.drop_what_is_not_needed()
    limit = 2 * (len(places) + len(wanted))
    _even_out(table.held, table.holders, lambda member, place: place[0] in wanted[member], limit)
    _even_out(table.holders, table.held, lambda place, member: place[0] in wanted[member], limit)
    return {member: frozenset(held) for member, held in table.held.items()}


class _Table:
    """Who has what, seen from both sides."""

    def __init__(self, wanted: Mapping[str, frozenset[bytes]], places: list[Place]) -> None:
        self.wanted = wanted
        self.held: Links = {member: {} for member in wanted}
        self.holders: Links = {place: {} for place in places}

    def link(self, member: str, place: Place) -> None:
        self.held[member][place] = None
        self.holders[place][member] = None

    def keep(self, current: Mapping[str, Assignment]) -> None:
        """Let members have what they had, as far as it still exists and they still want it."""
        for member, topics in self.wanted.items():
            for place in sorted(current.get(member, ())):
                if place in self.holders and place[0] in topics:
                    self.link(member, place)

    def give_each_place_a_member(self) -> None:
        """Give what nobody has to those who have least."""
        for place, holders in self.holders.items():
            if not holders:
                takers = [m for m, topics in self.wanted.items() if place[0] in topics]
                self.link(min(takers, key=lambda member: len(self.held[member])), place)

    def give_each_member_a_place(self) -> None:
        """Let those who have nothing share what fewest have."""
        for member, held in self.held.items():
            if not held:
                good = [place for place in self.holders if place[0] in self.wanted[member]]
                if good:
                    self.link(member, min(good, key=lambda place: len(self.holders[place])))

    def drop_what_is_not_needed(self) -> None:
        """Take a shared place from those who have others."""
        for place, holders in self.holders.items():
            while len(holders) > 1:
                richest = max(holders, key=lambda member: len(self.held[member]))
                if len(self.held[richest]) == 1:
                    break
                del holders[richest], self.held[richest][place]


def _even_out(near: Links, far: Links, may: Callable[[Any, Any], bool], limit: int) -> None:
    """Move what one side has alone from those who have most to those who have least.

    Each move makes the difference of two smaller; `limit` bounds them all the same.
    """
    alone = {
        node: {other for other in others if len(far[other]) == 1} for node, others in near.items()
    }
    for _ in range(limit):
        move = _next_move(alone, may)
        if move is None:
            return
        giver, taker, moved = move
        alone[giver].discard(moved)
        alone[taker].add(moved)
        del near[giver][moved], far[moved][giver]
        near[taker][moved] = far[moved][taker] = None
        for other in [each for each in near[taker] if len(far[each]) > 1]:
            del near[taker][other], far[other][taker]
            if len(far[other]) == 1:
                alone[next(iter(far[other]))].add(other)


def _next_move(
    alone: dict[Any, set[Any]], may: Callable[[Any, Any], bool]
) -> tuple[Any, Any, Any] | None:
    order = sorted(alone, key=lambda node: (len(alone[node]), node))
    for taker in order:
        for giver in reversed(order):
            if len(alone[giver]) - len(alone[taker]) < 2:
                break
            good = [each for each in alone[giver] if may(taker, each)]
            if good:
                return giver, taker, max(good)
    return None
