"""The composition root: builds a node out of its parts, starts it and stops it.

No other module wires parts together, and nothing is global, so several nodes fit in a process.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from kafkacompat.clock import Clock, SystemClock, Timers, give_way
from kafkacompat.cluster.core import Core
from kafkacompat.cluster.members import Members
from kafkacompat.config import keys
from kafkacompat.config.profiles import PROFILES
from kafkacompat.config.values import BrokerConfig, TopicConfig
from kafkacompat.metadata import startup
from kafkacompat.metadata.controller import Controller
from kafkacompat.metadata.image import (
    RESOURCE_BROKER,
    RESOURCE_TOPIC,
    MetadataImage,
    TopicState,
)
from kafkacompat.metadata.internal_topics import COORDINATED_BY, TRANSACTION_TOPIC
from kafkacompat.metadata.log import MetadataLog
from kafkacompat.partitions.fetch_sessions import FetchSessions
from kafkacompat.partitions.registry import Partitions
from kafkacompat.partitions.slices import Slices
from kafkacompat.server.advertise import address_for, parse_endpoints, public_endpoint
from kafkacompat.server.connection import Connection
from kafkacompat.server.idle_poll import IdlePoll
from kafkacompat.server.listener import Endpoint, Limits, Listener
from kafkacompat.upkeep import Upkeep
from kafkacompat_protocol.errors import KafkaError
from kafkacompat_storage.journal import LocalJournal
from kafkacompat_storage.store import LogStore

if TYPE_CHECKING:
    from kafkacompat.coordinator.groups.coordinator import GroupCoordinator
    from kafkacompat.coordinator.runtime import Coordinator
    from kafkacompat.coordinator.share.coordinator import ShareCoordinator
    from kafkacompat.coordinator.transactions.coordinator import TransactionCoordinator
    from kafkacompat.partitions.cleaning import Cleaning
    from kafkacompat.partitions.replica_moves import ReplicaMoves
    from kafkacompat.partitions.retention import Retention
    from kafkacompat.server.dispatch import Tap
    from kafkacompat.worker import LoopWorker

T = TypeVar("T")
log = logging.getLogger("kafkacompat.broker")

LOAD_THREADS = 4
DRAIN_MS = 5_000
HAND_OVER_MS = 100
RECEIVE_MEMORY_BYTES = 1 << 30


class Node:
    """One broker: its identity, logs, metadata, coordinators and listeners."""

    def __init__(self, config: BrokerConfig, clock: Clock | None = None) -> None:
        self.config = config
        self.clock: Clock = clock or SystemClock()
        self.idle_poll = IdlePoll(config.get(keys.IDLE_POLL_US), self.clock.seconds)
        self.timers = Timers(self.clock)
        self.node_id = config.get(keys.NODE_ID)
        self.profile = PROFILES.get(config.get(keys.AS_VERSION))
        """The release that this node passes for, None for everything that there is."""
        self.is_stopping = False
        self.listeners: list[Listener] = []
        self.fetch_sessions = FetchSessions(config.get(keys.MAX_INCREMENTAL_FETCH_SESSIONS))
        self.core: Core
        self.members: Members
        self.cluster_id: str
        self.store: LogStore
        self.journal: LocalJournal
        self.metadata_log: MetadataLog
        self.controller: Controller
        self.partitions: Partitions
        self.broker_epoch = -1
        self._is_guest = False
        """Whether the core is shared, and somebody else's to open and close."""
        self.upkeep = Upkeep(self)
        self.tap: Tap | None = None
        """What requests go through instead of straight to their handlers."""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._threads: ThreadPoolExecutor | None = None

    @property
    def image(self) -> MetadataImage:
        """The cluster's metadata as of the last applied record."""
        return self.metadata_log.image

    # --- starting

    async def start(
        self,
        progress: Callable[[int, int], None] | None = None,
        *,
        instead_of: "Node | None" = None,
        store: LogStore | None = None,
    ) -> None:
        """Open the data, recover what was not closed cleanly, then listen.

        `progress(done, total)` is told of bytes while logs are recovered. A node that starts
        `instead_of` another, which has handed over, takes its listeners and connections.

        Errors: OSError (address taken, folder locked or not writable), StoreError.
        """
        self.take_addresses(instead_of)
        try:
            before = None if instead_of is None else instead_of.core
            core = self.core = Core(self.config, self.clock, instead_of=before)
            self.members = core.members
            core.open(progress, store)
            self._use(core)
            goes_on = instead_of is not None and self._is_registered()
            if not goes_on:
                await core.begin()
            await self._join(goes_on=goes_on)
            await startup.take_leadership(core.controller)
            for partition, log_dir in await core.settle():
                self.moves.begin_anew(partition, log_dir)
            await self.listen(instead_of)
        except BaseException:
            await self.stop(clean=False)
            raise

    async def join(self, core: Core) -> None:
        """Become a member of a cluster, on addresses that were taken; nobody can connect yet.

        Errors: KAFKA_STORAGE_ERROR.
        """
        self._is_guest = True
        self._use(core)
        await self._join()

    async def listen(self, instead_of: "Node | None" = None) -> None:
        """Begin to serve, and with what is done from time to time."""
        for listener in self.listeners:
            if instead_of is None:
                await listener.start()
            else:
                listener.move_to(self)
        if TRANSACTION_TOPIC in self.image.topics:  # what was open goes on, and times out
            self.spawn(self.transactions.load_all())
        self.upkeep.begin()

    def _use(self, core: Core) -> None:
        """Have at hand what is in a core that is open."""
        self.core, self.members = core, core.members
        self.store, self.journal = core.store, core.journal
        self.metadata_log, self.controller = core.metadata_log, core.controller
        self.cluster_id = core.store.cluster_id

    async def _join(self, *, goes_on: bool = False) -> None:
        self.partitions = Partitions(
            self.image,
            self.store,
            self.config,
            self.node_id,
            self.core.to_delete,
            is_alone=self.members.racks is None,
        )
        if goes_on:
            self.broker_epoch = self.image.brokers[self.node_id].broker_epoch
        else:
            public = self._public_endpoints()
            self.broker_epoch = await startup.register(self.controller, public, self.config)
        self.members.join(self)
        self._apply_dynamic_config()

    def _public_endpoints(self) -> list[Endpoint]:
        return [public_endpoint(self.config, listener.endpoint) for listener in self.listeners]

    def _is_registered(self) -> bool:
        """Whether the metadata are those of a node that lives, at these addresses: a snapshot's."""
        known = self.image.brokers.get(self.node_id)
        if known is None or known.fenced:
            return False
        found = [(end.name, end.host, end.port) for end in known.end_points]
        return found == [(end.name, end.host, end.port) for end in self._public_endpoints()]

    def take_addresses(
        self, instead_of: "Node | None" = None, endpoints: Sequence[Endpoint] = ()
    ) -> None:
        """Take the addresses before any folder is touched; connections are accepted later.

        Errors: OSError; InvalidValue.
        """
        if instead_of is not None:
            self.listeners = instead_of.listeners
            return
        for endpoint in endpoints or parse_endpoints(self.config):
            listener = Listener(self, endpoint, self._limits())
            self.listeners.append(listener)
            try:
                listener.bind()
            except OSError:
                for bound in self.listeners:
                    bound.release()
                raise

    def _limits(self) -> Limits:
        get = self.config.get
        memory = get(keys.QUEUED_MAX_REQUEST_BYTES)
        return Limits(
            max_request_bytes=get(keys.SOCKET_REQUEST_MAX_BYTES),
            max_connections=get(keys.MAX_CONNECTIONS),
            max_connections_per_ip=get(keys.MAX_CONNECTIONS_PER_IP),
            max_idle_ms=get(keys.CONNECTIONS_MAX_IDLE_MS),
            max_received_bytes=memory if memory > 0 else RECEIVE_MEMORY_BYTES,
        )

    def _apply_dynamic_config(self) -> None:
        own = self.image.config(RESOURCE_BROKER, str(self.node_id))
        self.config.set_dynamic(own, self.image.config(RESOURCE_BROKER, ""))
        for listener in self.listeners:
            listener.limits = self._limits()
        self.store.producer_expiration_ms = self.config.get(keys.PRODUCER_ID_EXPIRATION_MS)
        topics = TopicConfig(self.config, {})
        self.store.file_delete_delay_ms = topics.get(keys.FILE_DELETE_DELAY_MS)

    def config_changed(self, resource_type: int, name: str) -> None:
        """Follow a configuration that was changed."""
        if resource_type == RESOURCE_BROKER:
            self._apply_dynamic_config()
            self.partitions.apply_rules()
        elif resource_type == RESOURCE_TOPIC:
            self.partitions.apply_rules(name)

    def advertised(self, connection: Connection) -> tuple[str, int]:
        """Return the host and port by which a client of any node can reach this one."""
        return address_for(self, connection)

    # --- running

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run a coroutine as a task that ends with the node."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def load(self, loads: Sequence[Callable[[], None]], done: Callable[[], None]) -> None:
        """Run blocking reads in a thread, then call `done` on the loop."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(LOAD_THREADS, "kafkacompat-read")
        loop = asyncio.get_running_loop()

        def work() -> None:
            for load in loads:
                try:
                    load()
                except (OSError, KafkaError) as error:
                    log.error("Work on the disk failed: %s", error)
                except Exception:
                    log.exception("Work on the disk failed")
            loop.call_soon_threadsafe(done)

        self._threads.submit(work)

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Do in a thread what may block, and return what it returns. Errors: what it raises."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(LOAD_THREADS, "kafkacompat-read")
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def in_worker(self, function: Callable[..., T], *arguments: Any) -> T:
        """Do Python work that takes long in another process; `function` is a module's.

        Errors: what it raises; WorkerError.
        """
        return await self._worker.call(function, *arguments)

    @cached_property
    def _worker(self) -> "LoopWorker":
        from kafkacompat.worker import LoopWorker

        return LoopWorker(self.timers)

    async def give_way(self) -> None:
        """Let everybody else have a turn of the loop."""
        await give_way()

    async def _delete_removed(self) -> None:
        """Delete the folders of topics that are gone, some at a time."""
        slices = Slices(self)
        while self.partitions.delete_one():
            await slices.pause_if_due()
        self.upkeep.sweep_soon()

    def topic_removed(self, topic: TopicState) -> None:
        """Serve a topic no more; the first of the nodes deletes its data."""
        self.partitions.remove_topic(topic)
        if self.members.is_first(self):
            self.spawn(self._delete_removed())
        for coordinator in self._coordinators():
            coordinator.topic_removed(topic.name)

    @cached_property
    def retention(self) -> "Retention":
        """What removes that which is too old or too much."""
        from kafkacompat.partitions.retention import Retention

        return Retention(self)

    @cached_property
    def cleaning(self) -> "Cleaning":
        """What compacts: `compact` does so now, and waits."""
        from kafkacompat.partitions.cleaning import Cleaning

        return Cleaning(self)

    @cached_property
    def moves(self) -> "ReplicaMoves":
        """The partitions that are on their way to other log directories."""
        from kafkacompat.partitions.replica_moves import ReplicaMoves

        return ReplicaMoves(self)

    # --- coordinators: imported and made when somebody first needs one, as a start has no time

    @cached_property
    def groups(self) -> "GroupCoordinator":
        """The coordinator of groups and their offsets."""
        from kafkacompat.coordinator.groups.coordinator import GroupCoordinator

        return GroupCoordinator(self)

    @cached_property
    def transactions(self) -> "TransactionCoordinator":
        """The coordinator of transactional ids."""
        from kafkacompat.coordinator.transactions.coordinator import TransactionCoordinator

        return TransactionCoordinator(self)

    @cached_property
    def share(self) -> "ShareCoordinator":
        """The coordinator of share-partitions."""
        from kafkacompat.coordinator.share.coordinator import ShareCoordinator

        return ShareCoordinator(self)

    def follow(self, places: Iterable[tuple[str, int]]) -> None:
        """Lead what the metadata say that this node leads, of these partitions, and no other."""
        for topic, index in places:
            has_begun = self.partitions.follow(topic, index)
            if topic not in COORDINATED_BY:
                self._end_sharing(topic, index)
                continue
            for coordinator in self._coordinators():
                coordinator.partition_moved(topic, index)
            if has_begun and self.members.racks is not None:
                coordinator = getattr(self, COORDINATED_BY[topic])
                self.spawn(coordinator.load_all())

    def _end_sharing(self, topic: str, index: int) -> None:
        state, share = self.image.topics.get(topic), self.__dict__.get("share")
        if state is None or share is None or state.partitions[index].leader == self.node_id:
            return
        share.leads_no_more(state.topic_id, index)

    def _coordinators(self) -> "list[Coordinator[Any]]":
        """Return those that are there."""
        names = COORDINATED_BY.values()
        return [self.__dict__[name] for name in names if name in self.__dict__]

    # --- stopping

    async def stop(self, *, clean: bool = True, drain_ms: int | None = None) -> None:
        """Answer what is in flight, then close; `clean` marks the data as needing no recovery."""
        if self.is_stopping:
            return
        self.is_stopping = True
        for listener in self.listeners:
            await listener.stop_accepting()
        self._resign()
        await self._drain(DRAIN_MS if drain_ms is None else drain_ms)
        for listener in self.listeners:
            listener.close()
        await self._close(clean)

    async def hand_over(self) -> None:
        """Stop serving, but keep listeners and connections for the node that comes next.

        Who waits is told that this node does not lead any more. The data are given up.
        """
        self.is_stopping = True
        self._resign()
        self.journal.flush_all()
        await self._drain(HAND_OVER_MS)
        await self._close(clean=False)

    async def die(self) -> None:
        """Stop at once, as if the process was killed: nobody is answered any more."""
        if self.is_stopping:
            return
        self.is_stopping = True
        for listener in self.listeners:
            listener.abort()
        for listener in self.listeners:
            await listener.stop_accepting()
        self._resign()
        await self._close(clean=False)

    def _resign(self) -> None:
        if hasattr(self, "partitions"):
            self.partitions.resign_all()
        for coordinator in self._coordinators():
            coordinator.resign()

    async def _close(self, clean: bool) -> None:
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        if clean and hasattr(self, "controller"):
            await self._fence()
        if hasattr(self, "members"):
            self.members.leave(self)
        if clean and hasattr(self, "metadata_log") and not self._is_guest:
            self.core.recover_at_stop()
        self.timers.close()
        if self._threads is not None:
            self._threads.shutdown(wait=True)
        if "_worker" in self.__dict__:
            self._worker.close()
        if self._is_guest:
            return
        if hasattr(self, "partitions"):
            while self.partitions.delete_one():
                pass
        if hasattr(self, "core"):
            self.core.close(clean, self.broker_epoch)

    async def _fence(self) -> None:
        try:
            await startup.fence(self.controller, self.node_id, self.broker_epoch)
        except KafkaError as error:
            log.error("Could not note the shutdown in the metadata: %s", error)

    async def _drain(self, at_most_ms: int) -> None:
        """Give requests in flight a moment to be answered."""
        deadline_ms = self.clock.monotonic_ms() + at_most_ms
        while self.clock.monotonic_ms() < deadline_ms:
            busy = any(not c.is_idle for lst in self.listeners for c in lst.connections)
            if not busy:
                return
            await self.sleep(5)

    async def sleep(self, delay_ms: int) -> None:
        """Wait, by the node's own clock."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.timers.after(delay_ms, lambda: None if done.done() else done.set_result(None))
        await done
