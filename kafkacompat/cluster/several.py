"""Several brokers in one process, to clients a cluster: leaders move, brokers die and come back.

It emulates replication: all replicas of a partition are one log in memory, so whoever is in sync
has everything at once. Of a broker that died it is kept where its logs ended, and a log is cut
there if it leads before it has caught up. What takes time in a real cluster takes a little here.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from kafkacompat.broker import Node
from kafkacompat.clock import Clock, Timers
from kafkacompat.cluster.alone import Progress, UnknownBroker
from kafkacompat.cluster.core import Core
from kafkacompat.cluster.positions import Positions
from kafkacompat.config import keys
from kafkacompat.config.values import BrokerConfig
from kafkacompat.metadata import startup
from kafkacompat.metadata.election_commands import (
    all_partitions,
    broker_back,
    broker_lost,
    caught_up,
    lagging,
    rebalanced,
)
from kafkacompat.metadata.image import MetadataImage
from kafkacompat.metadata.placement_commands import finish_reassignments, is_reassigned
from kafkacompat.server.listener import Endpoint
from kafkacompat_protocol.errors import KafkaError
from kafkacompat_protocol.metadata_records.topics import PartitionChangeRecord
from kafkacompat_storage.store import LogStore

if TYPE_CHECKING:
    from kafkacompat.server.dispatch import Tap

log = logging.getLogger("kafkacompat.broker")

REPLICATION_MS: Final = 500
"""How long a replica needs until it is in sync: a broker that is back, or a new replica."""
REBALANCE_MS: Final = 300_000
"""How often leaders go back to the preferred replicas, as Kafka's default is."""


class Several:
    """Brokers over one core, in memory. Configurations have different node ids."""

    def __init__(self, configs: Sequence[BrokerConfig], clock: Clock) -> None:
        self.clock = clock
        self._configs = {config.get(keys.NODE_ID): config for config in configs}
        self._endpoints: dict[int, list[Endpoint]] = {}
        """Where each broker listens, which stays."""
        self._tap: Tap | None = None
        self._latest = Node(configs[0], clock)
        self._successors: dict[int, Node] = {}
        """Of the dead: what they will be, with their addresses already."""
        self._started_ms: dict[int, int] = {}
        self._turn = asyncio.Lock()
        self._core = Core(configs[0], clock, several=True)
        self._timers = Timers(clock)
        self._positions = Positions()
        self._work: set[asyncio.Task[None]] = set()

    @property
    def node(self) -> Node:
        return next(iter(self._core.members.nodes.values()), self._latest)

    @property
    def nodes(self) -> list[Node]:
        return list(self._core.members.nodes.values())

    @property
    def core(self) -> Core:
        return self._core

    @property
    def configs(self) -> list[Mapping[str, str]]:
        return [config.static for config in self._configs.values()]

    @property
    def addresses(self) -> Mapping[int, Sequence[Endpoint]]:
        return dict(self._endpoints)

    @property
    def tap(self) -> "Tap | None":
        return self._tap

    @tap.setter
    def tap(self, tap: "Tap | None") -> None:
        self._tap = tap
        for node in (*self.nodes, *self._successors.values()):
            node.tap = tap

    # --- all of them

    async def start(self, progress: Progress | None = None, store: LogStore | None = None) -> None:
        """Start all brokers. Errors: those of `Node.start`."""
        async with self._turn:
            made = [self._new_node(broker) for broker in self._configs]
            core = Core(made[0].config, self.clock, several=True)
            try:
                for node in made:
                    self._take_addresses(node)
                await self._begin(core, store, made, {})
            except BaseException:
                await _give_up(core, made)
                raise

    async def exchange(self, store: LogStore) -> None:
        async with self._turn:
            before = {node.node_id: node for node in self.nodes}
            dead = {each: self._successor(each) for each in self._configs if each not in before}
            self._forget_work()
            for node in before.values():
                await node.hand_over()
            self._core.close(clean=False)
            made = []
            for broker in self._configs:
                made.append(dead.get(broker) or self._new_node(broker))
                if broker in before:
                    made[-1].take_addresses(before[broker])
            core = Core(made[0].config, self.clock, several=True, instead_of=self._core)
            await self._begin(core, store, made, before)

    async def stop(self, *, clean: bool = True, drain_ms: int | None = None) -> None:
        async with self._turn:
            self._forget_work()
            nodes = self.nodes
            await asyncio.gather(*(node.stop(clean=clean, drain_ms=drain_ms) for node in nodes))
            for successor in self._successors.values():
                await successor.stop(clean=False)
            self._core.close(clean)

    async def _begin(
        self, core: Core, store: LogStore | None, made: list[Node], before: Mapping[int, Node]
    ) -> None:
        """Have all brokers live, on addresses that they have; those of `before` handed over."""
        core.open(store=store)
        await core.begin()
        for node in made:
            await node.join(core)
        self._core, self._timers, self._positions = core, Timers(self.clock), Positions()
        self._started_ms = dict.fromkeys(self._configs, self.clock.monotonic_ms() - REPLICATION_MS)
        core.controller.before_leaders = self._before_leaders
        core.controller.on_partitions_changed = self._partitions_changed
        # In a snapshot some may be dead: first who has everything leads, then anybody.
        for may_be_unclean in (_never, self._may_be_unclean):
            for node in made:
                await self._carry_out(
                    partial(broker_back, broker=node.node_id, may_be_unclean=may_be_unclean)
                )
        await self._carry_out(partial(caught_up, brokers=self._configs))
        for node in made:
            await node.listen(before.get(node.node_id))
        self._timers.after(REBALANCE_MS, self._rebalance)

    def _new_node(self, broker: int) -> Node:
        node = self._latest = Node(BrokerConfig(self._configs[broker].static), self.clock)
        node.tap = self._tap
        return node

    def _take_addresses(self, node: Node) -> None:
        node.take_addresses(endpoints=self._endpoints.get(node.node_id, ()))
        self._endpoints[node.node_id] = [listener.endpoint for listener in node.listeners]

    # --- one of them

    async def kill(self, broker: int) -> None:
        """Have a broker die at once; others lead what it led. Errors: UnknownBroker."""
        async with self._turn:
            await self._kill(broker)

    async def _kill(self, broker: int) -> None:
        self._check(broker)
        core = self._core
        node = core.members.nodes.get(broker)
        if node is None:
            raise UnknownBroker(f"broker {broker} does not live")
        self._positions.note(core, broker)
        core.members.leave(node)
        await node.die()
        with contextlib.suppress(OSError):  # It is tried again when it is needed.
            self._successors[broker] = self._successor(broker)
        living = core.members.nodes
        lost = partial(
            broker_lost, broker=broker, living=living, may_be_unclean=self._may_be_unclean
        )
        await self._carry_out(lost)
        await startup.fence(core.controller, broker, node.broker_epoch)

    async def restart(self, broker: int) -> None:
        """Have a broker start again at its address, after it was killed if it lives.

        It leads what nobody else can, and is in sync with the others a little later.

        Errors: UnknownBroker; OSError if its port was taken.
        """
        async with self._turn:
            self._check(broker)
            if broker in self._core.members.nodes:
                await self._kill(broker)
            node = self._successor(broker)
            self._started_ms[broker] = self.clock.monotonic_ms()
            await node.join(self._core)
            await self._carry_out(
                partial(broker_back, broker=broker, may_be_unclean=self._may_be_unclean)
            )
            await node.listen()
            self._catch_up_later()

    def _successor(self, broker: int) -> Node:
        """Return what a dead broker will be, with its addresses: nobody else gets them meanwhile.

        Errors: OSError if they were taken.
        """
        node = self._successors.pop(broker, None)
        if node is None:
            node = self._new_node(broker)
            self._take_addresses(node)
        return node

    def _check(self, broker: int) -> None:
        if broker not in self._configs:
            known = ", ".join(map(str, self._configs))
            raise UnknownBroker(f"there is no broker {broker}; there are {known}")

    # --- what the controller of a cluster does

    def _may_be_unclean(self, topic: str) -> bool:
        return bool(self._core.topic_config(topic).get(keys.UNCLEAN_LEADER_ELECTION))

    async def _carry_out(self, command: "Callable[[MetadataImage], list[Any]]") -> None:
        await self._core.controller.carry_out(command)

    def _before_leaders(self, changes: list[PartitionChangeRecord]) -> None:
        for change in changes:
            self._positions.before(self._core, change)

    def _partitions_changed(self, places: Iterable[tuple[str, int]]) -> None:
        self._core.partitions_changed(places)
        self._catch_up_later()

    @property
    def _image(self) -> MetadataImage:
        return self._core.metadata_log.image

    def _catch_up_later(self) -> None:
        """Have replicas be in sync, and reassignments done, when that has taken its time."""
        living = self._core.members.nodes
        is_lagging = next(lagging(self._image, living), None) is not None
        if is_lagging or any(is_reassigned(state) for _, state in all_partitions(self._image)):
            self._timers.after(REPLICATION_MS, lambda: self._begin_work(self._catch_up()))

    async def _catch_up(self) -> None:
        await self._carry_out(lambda image: caught_up(image, self._ready()))
        await self._carry_out(lambda image: finish_reassignments(image, self._ready()))

    def _ready(self) -> list[int]:
        """Return the brokers that live for long enough to have copied everything."""
        since_ms = self.clock.monotonic_ms() - REPLICATION_MS
        return [each for each in self._core.members.nodes if self._started_ms[each] <= since_ms]

    def _rebalance(self) -> None:
        """Have the preferred replicas lead again where they are in sync."""
        self._timers.after(REBALANCE_MS, self._rebalance)
        if self.node.config.get(keys.AUTO_LEADER_REBALANCE):
            living = self._core.members.nodes
            self._begin_work(self._carry_out(partial(rebalanced, living=living)))

    def _begin_work(self, work: Any) -> None:
        async def guarded() -> None:
            try:
                await work
            except KafkaError as error:
                log.error("The cluster could not be changed: %s", error)

        task = asyncio.get_running_loop().create_task(guarded())
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    def _forget_work(self) -> None:
        self._timers.close()
        for task in list(self._work):
            task.cancel()


def _never(topic: str) -> bool:
    return False


async def _give_up(core: Core, made: list[Node]) -> None:
    """Close what a start that failed has opened."""
    for node in made:
        await node.stop(clean=False)
    core.close(clean=False)
