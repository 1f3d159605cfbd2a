"""Offsets committed in transactions that have not ended: kept by producer, until the marker.

While one is pending its partition is unstable: a consumer that asks for stable offsets is told
so (KIP-447), because what it reads now may be replaced in a moment.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple


class PendingOffset(NamedTuple):
    """What is committed if the transaction is, and where in the log that stands."""

    key: Any
    value: Any
    offset: int


class PendingOffsets:
    """The offsets of open transactions in one partition of `__consumer_offsets`."""

    def __init__(self) -> None:
        self._producers: dict[int, dict[tuple[str, str, int], PendingOffset]] = {}

    def __iter__(self) -> Iterator[tuple[str, str, int]]:
        """Yield the group, topic and partition of each."""
        for places in self._producers.values():
            yield from places

    def add(self, producer_id: int, key: Any, value: Any, offset: int) -> None:
        """Take in a record of an open transaction; a later one of the same place replaces it."""
        place = (key.group, key.topic, key.partition)
        self._producers.setdefault(producer_id, {})[place] = PendingOffset(key, value, offset)

    def take(self, producer_id: int) -> list[PendingOffset]:
        """Return a producer's offsets, which are pending no more: its transaction has ended."""
        return list(self._producers.pop(producer_id, {}).values())

    def forget(self, place: tuple[str, str, int]) -> None:
        """Have no transaction commit anything for this group, topic and partition."""
        for producer_id, places in list(self._producers.items()):
            places.pop(place, None)
            if not places:
                del self._producers[producer_id]

    def is_pending(self, group_id: str, topic: str, partition: int) -> bool:
        """Whether an open transaction has an offset for this partition."""
        if not self._producers:
            return False
        place = (group_id, topic, partition)
        return any(place in places for places in self._producers.values())
