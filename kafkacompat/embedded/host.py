"""Brokers whose data can be exchanged for other while their clients stay connected.

`Host` is called from any thread; what it does happens on the loop of the brokers. `ThreadHost` has
a loop and a thread of its own.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from kafkacompat.broker import Node
from kafkacompat.cluster.alone import Brokers, brokers_of
from kafkacompat.config.values import BrokerConfig
from kafkacompat.embedded.clock import AdjustableClock
from kafkacompat.metadata.controller import Controller
from kafkacompat.server.platform import new_event_loop
from kafkacompat_storage.memory_store import MemoryStore

T = TypeVar("T")

DRAIN_MS = 20
"""How long a stop waits for requests in flight, once all who waited were told."""
STARTS_WITHIN_S = 60


class BrokerError(Exception):
    """The broker cannot do this; the text says why."""


class Host:
    """Running brokers, their loop and their clock."""

    def __init__(
        self, brokers: Brokers, loop: asyncio.AbstractEventLoop, clock: AdjustableClock
    ) -> None:
        self.brokers = brokers
        self.loop = loop
        self.clock = clock
        self._process_id = os.getpid()

    @property
    def node(self) -> Node:
        """The first node that lives."""
        return self.brokers.node

    @property
    def controller(self) -> Controller:
        """What decides for all of the brokers, though none may live."""
        return self.brokers.core.controller

    def leader(self, topic: str, partition: int) -> Node:
        """Return the node that leads a partition, the first where none does."""
        return self.brokers.core.members.leading(topic, partition) or self.node

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the node's loop and return its result. Errors: what it raises."""
        if os.getpid() != self._process_id:
            work.close()
            raise BrokerError(
                "this broker belongs to the process that started it; a forked child must start its"
                " own, or use the parent's address"
            )
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def call(self, function: Callable[[], T]) -> T:
        """Call a function on the node's loop and return its result. Errors: what it raises."""

        async def work() -> T:
            return function()

        return self.run(work())

    def clock_ms(self) -> int:
        """Return the node's wall time."""
        return self.clock.wall_ms()

    def copy(self) -> MemoryStore:
        """Return a copy of all data. Errors: BrokerError for a broker with a directory."""
        return self.call(self._copy)

    def _copy(self) -> MemoryStore:
        store = self.brokers.core.store
        if not isinstance(store, MemoryStore):
            raise BrokerError("only a broker in memory has snapshots")
        self.brokers.core.journal.flush_all()
        made = store.copy()
        made.keep_known(self.brokers.core.metadata_log.loaded())
        return made

    async def exchange(self, store: MemoryStore) -> None:
        """Go on with other data; connections stay. The loop's. Errors: BrokerError."""
        if not isinstance(self.brokers.core.store, MemoryStore):
            raise BrokerError("only a broker in memory can go back")
        await self.brokers.exchange(store)


class ThreadHost(Host):
    """A host with a thread of its own, which `close` ends."""

    def __init__(
        self, configs: Sequence[Mapping[str, str]], store: MemoryStore | None = None
    ) -> None:
        """Start a broker for each configuration. Errors: those of `Node.start`."""
        loop = new_event_loop()
        clock = AdjustableClock()
        made = [BrokerConfig(config) for config in configs]
        super().__init__(brokers_of(made, clock), loop, clock)
        self._thread = threading.Thread(target=self._serve, name="kafkacompat", daemon=True)
        self._thread.start()
        try:
            self.run(self.brokers.start(store=store))
        except BaseException:
            self._end()
            raise

    def _serve(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
            self.loop.run_until_complete(_end_tasks())
        finally:
            asyncio.set_event_loop(None)
            self.loop.close()

    def close(self, *, clean: bool = True) -> None:
        """Stop, and leave no thread and no socket. A forked child's copy has nothing to stop."""
        if os.getpid() != self._process_id or self.loop.is_closed():
            return
        try:
            self.run(self._stop(clean))
        finally:
            self._end()

    async def _stop(self, clean: bool) -> None:
        self.clock.unfreeze()
        await self.brokers.stop(clean=clean, drain_ms=DRAIN_MS)

    def _end(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(STARTS_WITHIN_S)


async def _end_tasks() -> None:
    """Cancel what still runs on this loop, such as the loop's own acceptance of a connection."""
    loop = asyncio.get_running_loop()
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    await loop.shutdown_asyncgens()
