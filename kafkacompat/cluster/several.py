"""Several brokers in one process, to clients a cluster: leaders move, brokers die and come back.

It emulates replication: all replicas of a partition are one log in memory, so whoever is in sync
has everything at once. Of a broker that died it is kept where its logs ended, and a log is cut
there if it leads before it has caught up. What takes time in a real cluster takes a little here.
"""

import asyncio
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
        self._first = Node(configs[0], clock)
        self._core = Core(configs[0], clock, several=True)
        self._timers = Timers(clock)
        self._positions = Positions()
        self._work: set[asyncio.Task[None]] = set()

    @property
    def node(self) -> Node:
        return next(iter(self._core.members.nodes.values()), self._first)

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
        for node in self.nodes:
            node.tap = tap

    # --- all of them

    async def start(self, progress: Progress | None = None, store: LogStore | None = None) -> None:
        """Start all brokers. Errors: those of `Node.start`."""
        await self._begin(store, {})

    async def exchange(self, store: LogStore) -> None:
        before = {node.node_id: node for node in self.nodes}
        self._forget_work()
        for node in before.values():
            await node.hand_over()
        self._core.close(clean=False)
        await self._begin(store, before)

    async def stop(self, *, clean: bool = True, drain_ms: int | None = None) -> None:
        self._forget_work()
        nodes = self.nodes
        await asyncio.gather(*(node.stop(clean=clean, drain_ms=drain_ms) for node in nodes))
        self._core.close(clean)

    async def _begin(self, store: LogStore | None, before: Mapping[int, Node]) -> None:
        """Have all brokers live; those of `before` have handed over."""
        first, *_ = self._configs.values()
        core = self._core = Core(BrokerConfig(first.static), self.clock, several=True)
        self._timers, self._positions = Timers(self.clock), Positions()
        made: list[Node] = []
        try:
            for broker in self._configs:
                made.append(self._new_node(broker))
                made[-1].take_addresses(before.get(broker), self._endpoints.get(broker, ()))
                self._endpoints[broker] = [each.endpoint for each in made[-1].listeners]
            core.open(store=store)
            await core.begin()
            for node in made:
                await node.join(core)
            controller = core.controller
            controller.before_leaders = self._before_leaders
            controller.on_partitions_changed = self._partitions_changed
            for node in made:  # In the snapshot some may be dead.
                await self._carry_out(self._back(node.node_id))
                await self._carry_out(partial(caught_up, broker=node.node_id))
            for node in made:
                await node.listen(before.get(node.node_id))
        except BaseException:
            for node in made:
                await node.stop(clean=False)
            core.close(clean=False)
            raise
        self._timers.after(REBALANCE_MS, self._rebalance)

    def _new_node(self, broker: int) -> Node:
        node = Node(BrokerConfig(self._configs[broker].static), self.clock)
        node.tap = self._tap
        if not self._core.members.nodes:
            self._first = node
        return node

    # --- one of them

    async def kill(self, broker: int) -> None:
        """Have a broker die at once; others lead what it led. Errors: UnknownBroker."""
        self._check(broker)
        node = self._core.members.nodes.get(broker)
        if node is None:
            raise UnknownBroker(f"broker {broker} does not live")
        self._positions.note(self._core, broker)
        self._core.members.leave(node)
        await node.die()
        living = self._core.members.nodes
        lost = partial(
            broker_lost, broker=broker, living=living, may_be_unclean=self._may_be_unclean
        )
        await self._carry_out(lost)
        await startup.fence(self._core.controller, broker, node.broker_epoch)

    async def restart(self, broker: int) -> None:
        """Have a broker start again at its address, after it was killed if it lives.

        It leads what nobody else can, and is in sync with the others a little later.

        Errors: UnknownBroker; OSError if its port was taken meanwhile.
        """
        self._check(broker)
        if broker in self._core.members.nodes:
            await self.kill(broker)
        node = self._new_node(broker)
        node.take_addresses(endpoints=self._endpoints[broker])
        try:
            await node.join(self._core)
            await self._carry_out(self._back(broker))
            await node.listen()
        except BaseException:
            await node.die()
            raise
        self._timers.after(REPLICATION_MS, lambda: self._begin_work(self._catch_up(node)))

    def _check(self, broker: int) -> None:
        if broker not in self._configs:
            known = ", ".join(map(str, self._configs))
            raise UnknownBroker(f"there is no broker {broker}; there are {known}")

    # --- what the controller of a cluster does

    def _may_be_unclean(self, topic: str) -> bool:
        config = self.node.partitions.topic_config(topic)
        return bool(config.get(keys.UNCLEAN_LEADER_ELECTION))

    def _back(self, broker: int) -> "Callable[[MetadataImage], list[Any]]":
        return partial(broker_back, broker=broker, may_be_unclean=self._may_be_unclean)

    async def _carry_out(self, command: "Callable[[MetadataImage], list[Any]]") -> None:
        await self._core.controller.carry_out(command)

    def _before_leaders(self, changes: list[PartitionChangeRecord]) -> None:
        for change in changes:
            self._positions.cut_for(self._core, change)

    def _partitions_changed(self, places: Iterable[tuple[str, int]]) -> None:
        self._core.partitions_changed(places)
        if any(is_reassigned(state) for _, state in all_partitions(self._image)):
            self._timers.after(REPLICATION_MS, lambda: self._begin_work(self._reassign()))

    @property
    def _image(self) -> MetadataImage:
        return self._core.metadata_log.image

    async def _catch_up(self, node: Node) -> None:
        if self._core.members.nodes.get(node.node_id) is not node:
            return  # It has died again.
        await self._carry_out(partial(caught_up, broker=node.node_id))
        self._positions.forget(node.node_id)
        await self._reassign()

    async def _reassign(self) -> None:
        living = self._core.members.nodes
        await self._carry_out(partial(finish_reassignments, living=living))

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
