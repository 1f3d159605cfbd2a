"""A node that can be exchanged for another while its clients stay connected.

`Host` is called from any thread; what it does happens on the loop of the node. `ThreadHost` has a
loop and a thread of its own.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

from kafkacompat.broker import Node
from kafkacompat.config.values import BrokerConfig
from kafkacompat.embedded.clock import AdjustableClock
from kafkacompat.server.platform import new_event_loop
from kafkacompat_storage.memory_store import MemoryStore

T = TypeVar("T")

DRAIN_MS = 20
"""How long a stop waits for requests in flight, once all who waited were told."""
STARTS_WITHIN_S = 60


class BrokerError(Exception):
    """The broker cannot do this; the text says why."""


class Host:
    """A running node, its loop and its clock."""

    def __init__(self, node: Node, loop: asyncio.AbstractEventLoop, clock: AdjustableClock) -> None:
        self.node = node
        self.loop = loop
        self.clock = clock
        self._process_id = os.getpid()

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
        store = self.node.store
        if not isinstance(store, MemoryStore):
            raise BrokerError("only a broker in memory has snapshots")
        self.node.journal.flush_all()
        return store.copy()

    def exchange(self, store: MemoryStore) -> None:
        """Go on with other data; connections stay. Errors: BrokerError."""
        self.run(self._exchange(store))

    async def _exchange(self, store: MemoryStore) -> None:
        old = self.node
        if not isinstance(old.store, MemoryStore):
            raise BrokerError("only a broker in memory can go back")
        await old.hand_over()
        node = Node(BrokerConfig(old.config.static), self.clock)
        node.tap = old.tap
        await node.start(instead_of=old, store=store)
        self.node = node


class ThreadHost(Host):
    """A host with a thread of its own, which `close` ends."""

    def __init__(self, config: Mapping[str, str], store: MemoryStore | None = None) -> None:
        """Start. Errors: those of `Node.start`."""
        loop = new_event_loop()
        clock = AdjustableClock()
        super().__init__(Node(BrokerConfig(config), clock), loop, clock)
        self._thread = threading.Thread(target=self._serve, name="kafkacompat", daemon=True)
        self._thread.start()
        try:
            self.run(self.node.start(store=store))
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
        await self.node.stop(clean=clean, drain_ms=DRAIN_MS)

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
