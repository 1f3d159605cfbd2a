"""The composition root: builds a node out of its parts, starts it and stops it.

No other module wires parts together, and nothing is global, so several nodes fit in a process.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

from kafkacompat.clock import Clock, SystemClock, Timer, Timers, give_way
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
from kafkacompat.metadata.internal_topics import OFFSETS_TOPIC, TRANSACTION_TOPIC
from kafkacompat.metadata.log import MetadataLog
from kafkacompat.partitions.fetch_sessions import FetchSessions
from kafkacompat.partitions.registry import Partitions
from kafkacompat.partitions.slices import Slices
from kafkacompat.server.advertise import advertised_address, parse_endpoints, public_endpoint
from kafkacompat.server.connection import Connection
from kafkacompat.server.idle_poll import IdlePoll
from kafkacompat.server.listener import Endpoint, Limits, Listener
from kafkacompat_protocol.errors import KafkaError
from kafkacompat_storage.journal import Durability, LocalJournal
from kafkacompat_storage.names import METADATA_TOPIC
from kafkacompat_storage.store import LogStore, open_store

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
RECOVERED_LATER_BYTES = 1 << 20
"""A log with less to check is recovered when it is first used, which takes some milliseconds."""
RECOVERED_AT_STOP = 1000
"""Logs that nobody has used since a crash, recovered at a clean stop; more wait for another."""
DRAIN_MS = 5_000
HAND_OVER_MS = 100
SWEEP_MS = 1_000
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
        self.cluster_id: str
        self.store: LogStore
        self.journal: LocalJournal
        self.metadata_log: MetadataLog
        self.controller: Controller
        self.partitions: Partitions
        self.checkpoints_under_way = 0
        self.tap: Tap | None = None
        """What requests go through instead of straight to their handlers."""
        self._next_sweep: Timer | None = None
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

        Errors: OSError (address taken, folder locked or not writable), StartError.
        """
        loop = asyncio.get_running_loop()
        durability = cast(Durability, self.config.get(keys.DURABILITY))
        log_dirs: tuple[str, ...] = self.config.get(keys.LOG_DIRS)
        if instead_of is None:
            self._bind(parse_endpoints(self.config))
        else:
            self.listeners = instead_of.listeners
        try:
            self.store = store or open_store(
                [] if durability == "memory" else log_dirs,
                node_id=self.node_id,
                now_ms=self.clock.wall_ms(),
                producer_expiration_ms=self.config.get(keys.PRODUCER_ID_EXPIRATION_MS),
                is_synced=durability == "fsync",
            )
            self.cluster_id = self.store.cluster_id
            self.journal = LocalJournal(
                durability,
                post=loop.call_soon_threadsafe,
                seconds=self.clock.seconds,
            )
            self.journal.on_slow = _tell_of_slow_disk
            self.metadata_log = startup.open_log(self.store, self.journal, self.clock.wall_ms())
            self._recover(progress, at_least_bytes=RECOVERED_LATER_BYTES)
            await self._open_metadata()
            for listener in self.listeners:
                if instead_of is None:
                    await listener.start()
                else:
                    listener.move_to(self)
        except BaseException:
            await self.stop(clean=False)
            raise
        if TRANSACTION_TOPIC in self.image.topics:  # what was open goes on, and times out
            self.spawn(self.transactions.load_all())
        self._every(self.config.get(keys.LOG_FLUSH_OFFSET_CHECKPOINT_INTERVAL_MS), self._checkpoint)
        retention_ms = self.config.get(keys.LOG_RETENTION_CHECK_INTERVAL_MS)
        self._every(retention_ms, lambda: self.retention.begin())
        self._compact_later()
        check_ms = self.config.get(keys.OFFSETS_RETENTION_CHECK_INTERVAL_MS)
        self._every(check_ms, self._expire_offsets)

    def _recover(self, progress: Callable[[int, int], None] | None = None, **limits: int) -> None:
        """Check and repair the logs, after a crash; which are compacted is in the metadata."""

        def is_compacted(topic: str) -> bool:
            if topic == METADATA_TOPIC:
                return False
            config = TopicConfig(self.config, self.image.config(RESOURCE_TOPIC, topic))
            return topic not in self.image.topics or "compact" in config.get(keys.CLEANUP_POLICY)

        for finding in self.store.recover(progress, is_compacted=is_compacted, **limits):
            log.warning("%s", finding)

    async def _open_metadata(self) -> None:
        now_ms = self.clock.wall_ms()
        place = startup.place(self.node_id, self.store)
        self.controller = Controller(self.metadata_log, self.config, self.clock, place)
        self.partitions = Partitions(self.image, self.store, self.config, self.node_id)
        self.controller.on_topic_removed = self._topic_removed
        self.controller.on_config_changed = self._config_changed
        self.controller.before_topic = self._before_topic
        public = [public_endpoint(self.config, listener.endpoint) for listener in self.listeners]
        await startup.register(
            self.controller, public, self.config, startup.first_records(self.store, self.profile)
        )
        self._apply_dynamic_config()
        self.metadata_log.snapshot_if_due(self.config.get(keys.METADATA_SNAPSHOT_BYTES), now_ms)
        moving = await startup.settle_directories(self.controller, self.store)
        startup.remove_orphans(self.image, self.store, self.metadata_log.removed)
        for partition, log_dir in moving:
            self.moves.begin_anew(partition, log_dir)

    def _bind(self, endpoints: Sequence[Endpoint]) -> None:
        """Take the addresses before any folder is touched; connections are accepted later."""
        for endpoint in endpoints:
            listener = Listener(self, endpoint, self._limits())
            self.listeners.append(listener)
            try:
                listener.bind()
            except OSError:
                for bound in self.listeners:
                    bound.close()
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

    def _config_changed(self, resource_type: int, name: str) -> None:
        if resource_type == RESOURCE_BROKER:
            self._apply_dynamic_config()
            self.partitions.apply_rules()
        elif resource_type == RESOURCE_TOPIC:
            self.partitions.apply_rules(name)

    def advertised(self, connection: Connection) -> tuple[str, int]:
        """Return the host and port by which this client can reach this node."""
        return advertised_address(self.config, connection)

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

    def _every(self, interval_ms: int, work: Callable[[], None]) -> None:
        """Do something again and again, for as long as the node runs."""

        def fire() -> None:
            if self.is_stopping:
                return
            try:
                work()
            except Exception:
                log.exception("Background work failed")
            self.timers.after(max(1, interval_ms), fire)

        self.timers.after(max(1, interval_ms), fire)

    def _compact_later(self) -> None:
        """Look for what is to be compacted when the present back-off is over, and again then."""

        def fire() -> None:
            if not self.is_stopping:
                self.cleaning.begin()
                self._compact_later()

        self.timers.after(max(1, self.config.get(keys.LOG_CLEANER_BACKOFF_MS)), fire)

    async def give_way(self) -> None:
        """Let everybody else have a turn of the loop."""
        await give_way()

    def _checkpoint(self) -> None:
        if self.checkpoints_under_way:
            return  # The disk is slow, or time was put forward: one is as good as many.

        def done() -> None:
            self.checkpoints_under_way -= 1

        self.checkpoints_under_way += 1
        self.load([self.store.prepare_checkpoint()], done)

    def sweep_soon(self) -> None:
        """Have what waits to be removed from the disk removed."""
        self._sweep_at(self.clock.monotonic_ms() + SWEEP_MS)

    def _sweep_at(self, at_ms: int) -> None:
        timer = self._next_sweep
        if timer is not None and timer.callback is not None:
            if timer.at_ms <= at_ms:
                return
            timer.cancel()
        self._next_sweep = self.timers.at(at_ms, self._sweep)

    def _sweep(self) -> None:
        self._next_sweep = None
        now_ms = self.clock.monotonic_ms()
        due_ms: list[int | None] = []

        def done() -> None:
            if due_ms and due_ms[0] is not None and not self.is_stopping:
                self._sweep_at(due_ms[0])

        self.load([lambda: due_ms.append(self.store.sweep(now_ms))], done)

    async def _delete_removed(self) -> None:
        """Delete the folders of topics that are gone, some at a time."""
        slices = Slices(self)
        while self.partitions.delete_one():
            await slices.pause_if_due()
        self.sweep_soon()

    def _topic_removed(self, topic: TopicState) -> None:
        self.partitions.remove_topic(topic)
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

    def _coordinators(self) -> "list[Coordinator[Any]]":
        """Return those that are there."""
        names = ("groups", "transactions", "share")
        return [self.__dict__[name] for name in names if name in self.__dict__]

    async def _before_topic(self, topic: str) -> None:
        if OFFSETS_TOPIC in self.image.topics:
            await self.groups.before_topic(topic)

    def _expire_offsets(self) -> None:
        if OFFSETS_TOPIC in self.image.topics:
            self.groups.expire_offsets()

    # --- stopping

    async def stop(self, *, clean: bool = True, drain_ms: int = DRAIN_MS) -> None:
        """Answer what is in flight, then close; `clean` marks the data as needing no recovery."""
        if self.is_stopping:
            return
        self.is_stopping = True
        for listener in self.listeners:
            await listener.stop_accepting()
        self._resign()
        await self._drain(drain_ms)
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
            self._recover(at_most_logs=RECOVERED_AT_STOP)
        self.timers.close()
        if self._threads is not None:
            self._threads.shutdown(wait=True)
        if "_worker" in self.__dict__:
            self._worker.close()
        if hasattr(self, "partitions"):
            while self.partitions.delete_one():
                pass
        if hasattr(self, "journal"):
            self.journal.close()
        if hasattr(self, "store"):
            epoch = self.controller.broker_epoch if hasattr(self, "controller") else -1
            self.store.close(clean, epoch)

    async def _fence(self) -> None:
        try:
            await startup.fence(self.controller)
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


def _tell_of_slow_disk(is_slow: bool) -> None:
    if is_slow:
        log.warning("The disk is slow: a thread writes until it is quick again")
    else:
        log.info("The disk is quick again")
