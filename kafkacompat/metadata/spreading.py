"""Which brokers new partitions are put on: leaders spread, replicas in different racks."""

from collections.abc import Mapping, Sequence
from itertools import chain, zip_longest

from kafkacompat.metadata.image import MetadataImage


def spread(
    image: MetadataImage, living: Mapping[int, str | None], count: int, replicas: int
) -> list[list[int]]:
    """Return the replicas of `count` new partitions, of each the preferred leader first.

    One partition begins where the one before did not, over all topics, so that topics of one
    partition are spread, too.
    """
    order = _rack_after_rack(living)
    first = sum(len(topic.partitions) for topic in image.topics.values())
    return [
        [order[(first + number + nth) % len(order)] for nth in range(replicas)]
        for number in range(count)
    ]


def _rack_after_rack(living: Mapping[int, str | None]) -> Sequence[int]:
    """Return the brokers so that neighbours are in different racks as far as that is possible."""
    by_rack: dict[str | None, list[int]] = {}
    for broker in sorted(living):
        by_rack.setdefault(living[broker], []).append(broker)
    rounds = zip_longest(*(by_rack[rack] for rack in sorted(by_rack, key=str)))
    return [broker for broker in chain.from_iterable(rounds) if broker is not None]
