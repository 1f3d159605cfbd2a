"""Going back: all data of a broker in memory as they were, while clients stay connected."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kafkacompat.embedded.host import BrokerError, Host
from kafkacompat.embedded.tap import Tap
from kafkacompat.metadata.commands import NewTopic
from kafkacompat_storage.memory_store import MemoryStore


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A broker's data at one moment; it can be restored any number of times."""

    store: MemoryStore = field(repr=False)
    wall_ms: int
    """When it was taken, by the broker's clock."""


class StatePowers:
    """reset, snapshot, restore."""

    _host: Host
    _tap: Tap
    _first: Snapshot | None

    def snapshot(self) -> Snapshot:
        """Keep everything as it is: topics, records, groups, producers, configurations.

        Errors: BrokerError for a broker with a directory.
        """
        return Snapshot(self._host.copy(), self._host.clock_ms())

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot, of this broker or another; address and cluster id stay.

        To clients it is as if all leaders had moved: what they have in flight is retried. Faults
        and the clock stay as they are. Errors: BrokerError.
        """
        self._host.run(self._host.exchange(snapshot.store.copy()))

    def reset(self, topics: Mapping[str, int] | None = None) -> None:
        """Go back to what the broker started with, without faults, nothing asked yet; time goes on.

        Then make `topics`: names with their numbers of partitions.

        Errors: BrokerError; KafkaError for a topic that cannot be made.
        """
        if self._first is None:
            raise BrokerError("only a broker in memory can go back")
        self._host.run(self._begin_anew(self._first.store.copy(), topics or {}))

    async def _begin_anew(self, store: MemoryStore, topics: Mapping[str, int]) -> None:
        await self._host.exchange(store)
        self._tap.clear()
        self._host.clock.unfreeze()
        for name, partitions in topics.items():
            await self._host.controller.create_topic(NewTopic(name, partitions))
