"""One broker that is all of its cluster, behind the same few calls as several."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from kafkacompat.broker import Node
from kafkacompat.clock import Clock, SystemClock
from kafkacompat.cluster.core import Core
from kafkacompat.config.values import BrokerConfig
from kafkacompat.server.listener import Endpoint
from kafkacompat_storage.store import LogStore

if TYPE_CHECKING:
    from kafkacompat.server.dispatch import Tap

Progress = Callable[[int, int], None]


class Brokers(Protocol):
    """The brokers of one cluster that run in this process. All calls are the loop's."""

    clock: Clock

    @property
    def node(self) -> Node:
        """The first that lives; before the start, the one that is tried."""

    @property
    def nodes(self) -> list[Node]:
        """All that live, in the order of their ids."""

    @property
    def configs(self) -> list[Mapping[str, str]]:
        """The settings of all, dead or alive."""

    @property
    def core(self) -> Core:
        """What they share."""

    @property
    def addresses(self) -> Mapping[int, Sequence[Endpoint]]:
        """Where each broker listens, or did when it lived, by id."""

    @property
    def tap(self) -> "Tap | None":
        """What requests go through on all of them."""

    @tap.setter
    def tap(self, tap: "Tap | None") -> None: ...

    async def start(self, progress: Progress | None = None, store: LogStore | None = None) -> None:
        """Open the data and listen. Errors: those of `Node.start`."""

    async def exchange(self, store: LogStore) -> None:
        """Go on with other data, at the same addresses; connections stay."""

    async def kill(self, broker: int) -> None:
        """Have one of several brokers die. Errors: UnknownBroker."""

    async def restart(self, broker: int) -> None:
        """Have one of several brokers start again. Errors: UnknownBroker, OSError."""

    async def stop(self, *, clean: bool = True, drain_ms: int | None = None) -> None:
        """Answer what is in flight, and close everything."""


class UnknownBroker(Exception):
    """There is no such broker, or it is not in the state that is wanted; the text says."""


class Alone:
    """One node."""

    def __init__(self, config: BrokerConfig, clock: Clock | None = None) -> None:
        self.clock: Clock = clock or SystemClock()
        self._node = Node(config, self.clock)

    @property
    def node(self) -> Node:
        return self._node

    @property
    def nodes(self) -> list[Node]:
        return [self._node]

    @property
    def configs(self) -> list[Mapping[str, str]]:
        return [self._node.config.static]

    @property
    def core(self) -> Core:
        return self._node.core

    @property
    def addresses(self) -> Mapping[int, Sequence[Endpoint]]:
        ends = [listener.endpoint for listener in self._node.listeners]
        return {self._node.node_id: ends}

    @property
    def tap(self) -> "Tap | None":
        return self._node.tap

    @tap.setter
    def tap(self, tap: "Tap | None") -> None:
        self._node.tap = tap

    async def start(self, progress: Progress | None = None, store: LogStore | None = None) -> None:
        await self._node.start(progress, store=store)

    async def exchange(self, store: LogStore) -> None:
        old = self._node
        await old.hand_over()
        made = Node(BrokerConfig(old.config.static), self.clock)
        made.tap = old.tap
        await made.start(instead_of=old, store=store)
        self._node = made

    async def stop(self, *, clean: bool = True, drain_ms: int | None = None) -> None:
        await self._node.stop(clean=clean, drain_ms=drain_ms)

    async def kill(self, broker: int) -> None:
        raise UnknownBroker("there is one broker; begin with brokers=3")

    restart = kill


def brokers_of(configs: Sequence[BrokerConfig], clock: Clock | None = None) -> Brokers:
    """Return a broker for each configuration, still to be started."""
    if len(configs) == 1:
        return Alone(configs[0], clock)
    from kafkacompat.cluster.several import Several

    return Several(configs, clock or SystemClock())
