"""A broker in a simulation: the real coordinators, handlers, logs and recovery, on files that die.

Requests go through the handlers of the real server. A crash is one of the file operations dying
(not written, half written, written), or the process, at any time; the next start recovers from
what is left.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, cast

from kafkacompat.clock import Timers
from kafkacompat.cluster.members import Members
from kafkacompat.config.values import BrokerConfig
from kafkacompat.coordinator.groups.coordinator import GroupCoordinator
from kafkacompat.coordinator.share.coordinator import ShareCoordinator
from kafkacompat.coordinator.transactions.coordinator import TransactionCoordinator
from kafkacompat.metadata import commands, startup
from kafkacompat.metadata.commands import NewTopic, Place
from kafkacompat.metadata.features import initial_features
from kafkacompat.partitions.fetch_sessions import FetchSessions
from kafkacompat.partitions.registry import Partitions
from kafkacompat.server import routes
from kafkacompat.server.call import Call
from kafkacompat.server.reply import Held, Reply
from kafkacompat_protocol import codec
from kafkacompat_protocol.errors import KafkaError
from kafkacompat_protocol.schema import schema_of
from kafkacompat_storage.journal import LocalJournal, _Commit
from kafkacompat_storage.memory_files import MemoryFiles
from kafkacompat_storage.store import open_store
from kafkacompat_storage.syncing import Syncer
from tests.simulation.scheduler import Simulation
from tests.support.faulty_files import Crash, FaultyFiles, Loss

DATA = "/d/data"
WALL_MS = 1_700_000_000_000
CONFIG = {
    "offsets.topic.num.partitions": "2",
    "transaction.state.log.num.partitions": "2",
    "share.coordinator.state.topic.num.partitions": "2",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "10",
    "log.segment.bytes": "1048576",
}
LOSSES: tuple[Loss, ...] = ("power", "torn", "kill")
LONGEST_SYNC_MS = 12
RESTART_MS = (20, 400)


class SimulatedClock:
    """The simulation's time, as a node reads it; it stands still for a node that is dead."""

    def __init__(self, simulation: Simulation, node: "SimulatedNode") -> None:
        self._simulation = simulation
        self._node = node

    def wall_ms(self) -> int:
        return WALL_MS + self._simulation.now_ms

    def monotonic_ms(self) -> int:
        return self._simulation.now_ms

    def seconds(self) -> float:
        return self._simulation.now_ms / 1000

    def wake_at(self, at_ms: int, callback: Callable[[], None]) -> Callable[[], None]:
        entry = [callback]
        self._simulation.at(at_ms, lambda: self._node.live(entry[0]) if entry else None)
        return entry.clear


class SimulatedJournal(LocalJournal):
    """The real journal, whose syncs take a while of the simulation's time, without a thread."""

    def __init__(self, node: "SimulatedNode") -> None:
        simulation = node.simulation
        super().__init__("fsync", post=lambda call: simulation.soon(lambda: node.live(call)))
        self._node = node
        self._at_once = Syncer()

    def _begin(self) -> None:
        logs, self._dirty = self._dirty, {}
        commit = self._commit = _Commit(self.written_ticket, logs)
        delay_ms = self._node.simulation.chance.randint(0, LONGEST_SYNC_MS)
        self._node.simulation.after(delay_ms, lambda: self._node.live(lambda: self._sync(commit)))

    def _sync(self, commit: _Commit) -> None:
        commit.failed = self._at_once.sync(commit.pendings)
        self._finish(commit)


class SimulatedController:
    """Gives out producer ids; they are never given out twice, whatever crashes."""

    def __init__(self, broker: "SimulatedBroker") -> None:
        self._broker = broker

    async def next_producer_id(self) -> int:
        self._broker.last_producer_id += 1
        return self._broker.last_producer_id


class Peer:
    """What handlers see of a connection."""

    def __init__(self, client_id: str) -> None:
        self.client_id = client_id
        self.ip = "127.0.0.1"
        self.peer = "simulated:1"
        self.local_address = ("127.0.0.1", 9092)
        self.when_lost: Callable[[], None] | None = None
        """What handlers want done when the connection ends."""
        self.is_open = True
        self.waiting: list[Reply] = []

    def close(self) -> None:
        """Nothing is open."""


class SimulatedNode:
    """One life of the broker, from a start to a crash."""

    def __init__(self, broker: "SimulatedBroker", files: MemoryFiles) -> None:
        self.simulation = broker.simulation
        self.is_alive = True
        self.is_stopping = False
        self.node_id = 1
        self._broker = broker
        self.config = BrokerConfig(CONFIG | broker.settings)
        self.clock = SimulatedClock(self.simulation, self)
        self.timers = Timers(self.clock)
        self.fetch_sessions = FetchSessions(10)
        self.members = Members()
        self.members.join(cast(Any, self))
        self.store = open_store([DATA], node_id=1, now_ms=self.clock.wall_ms(), files=files)
        self.store.recover()
        self.journal = SimulatedJournal(self)
        self.metadata_log = startup.open_log(self.store, cast(Any, AtOnce()), self.clock.wall_ms())
        self.metadata_log.begin_epoch(1, self.clock.wall_ms())
        self.image = self.metadata_log.image
        self.controller = SimulatedController(broker)
        for name, partitions in broker.topics.items():
            if name not in self.image.topics:
                self._create(NewTopic(name, partitions, 1))
        self.partitions = Partitions(self.image, self.store, self.config, 1)
        self.groups = GroupCoordinator(cast(Any, self))
        self.transactions = TransactionCoordinator(cast(Any, self))
        self.share = ShareCoordinator(cast(Any, self))
        for coordinator in (self.groups, self.transactions, self.share):
            if not coordinator.has_topic:
                self._create(coordinator.new_topic())
        self.image.features |= initial_features()
        self.live(lambda: self.spawn(self.transactions.load_all()))

    def _create(self, wanted: NewTopic) -> None:
        place = Place(1, self.store.directory_id)
        records = commands.create_topic(self.image, wanted, self.config, place)
        told: list[KafkaError | None] = []
        self.metadata_log.append(records, self.clock.wall_ms(), told.append)
        assert told == [None]

    def live(self, call: Callable[[], Any]) -> None:
        """Do something of this node's, unless it is dead; it may die of it."""
        if not self.is_alive:
            return
        try:
            call()
        except Crash:
            if self.is_alive:  # else whoever it called has said so already
                self._broker.crashed()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run a coroutine of the node's."""
        self.simulation.drive(work, lambda result: None, self.simulation.fail, self.live)

    def advertised(self, connection: Peer) -> tuple[str, int]:
        """Where clients reach it."""
        return connection.local_address

    def load(self, loads: Any, done: Callable[[], None]) -> None:
        """Read what is cold, at once."""
        for load in loads:
            load()
        self.simulation.soon(lambda: self.live(done))


class AtOnce:
    """A journal that syncs each append before it returns: the metadata's."""

    def append(self, log: Any, batches: memoryview, **how: Any) -> Any:
        appended = log.stage(batches, from_client=False, **how)
        log.write_staged()
        pending = log.begin_commit()
        assert not Syncer().sync([pending])
        log.end_commit(pending)
        return appended

    def when_durable(self, appended: Any, callback: Callable[[None], None]) -> None:
        callback(None)


class SimulatedBroker:
    """A broker through all its lives."""

    def __init__(
        self,
        simulation: Simulation,
        topics: dict[str, int],
        *,
        settings: dict[str, str] | None = None,
        on_start: "Callable[[SimulatedNode], None]" = lambda node: None,
        files: MemoryFiles | None = None,
    ) -> None:
        self.simulation = simulation
        self.topics = topics
        self.settings = settings or {}
        self._on_start = on_start
        self.last_producer_id = 999
        self.crashes = 0
        self.allowed_crashes = 0
        self.node: SimulatedNode | None = None
        self.observe: Callable[[str, Any, Any], None] = lambda client, request, response: None
        """Told of a request when it is served (response None), and when it is answered."""
        self.on_crash: Callable[[], None] = lambda: None
        self._peers: dict[str, Peer] = {}
        self._files: Any = files or FaultyFiles()
        self._start()

    # --- lives

    def _start(self) -> None:
        self.simulation.note("broker starts")
        self.node = SimulatedNode(self, self._files)
        self._on_start(self.node)
        self._plan_crash()

    def _plan_crash(self) -> None:
        """Choose the file operation that the machine will die of, if it is to die."""
        if self.crashes < self.allowed_crashes:
            self._files.crash_at = self._files.operations + self.simulation.chance.randint(1, 40)

    def allow_crashes(self, count: int) -> None:
        """Have it crash so often from now on."""
        self.allowed_crashes = self.crashes + count
        self._plan_crash()

    def calm(self) -> None:
        """Have it crash no more."""
        self.allowed_crashes = self.crashes
        self._files.crash_at = -1

    def crashed(self) -> None:
        """The machine died: start again from what is left, after a while."""
        node, self.node = self.node, None
        assert node is not None
        node.is_alive = False
        self.crashes += 1
        self._peers.clear()
        self.on_crash()
        loss = self.simulation.chance.choice(LOSSES)
        self.simulation.note("broker crashes, loss:", loss)
        self._files = FaultyFiles(self._files.survivors(loss))
        self.simulation.after(self.simulation.chance.randint(*RESTART_MS), self._start)

    # --- requests

    def hang_up(self, client_id: str) -> None:
        """End a client's connection."""
        peer = self._peers.pop(client_id, None)
        if peer is None:
            return
        peer.is_open = False
        for reply in peer.waiting:
            if not reply.is_done and reply.cancel is not None:
                reply.cancel()
        if peer.when_lost is not None and self.node is not None:
            self.node.live(peer.when_lost)

    def serve(self, client_id: str, request: Any, version: int, answer: Any) -> None:
        """Have a request served; `answer` is called with the response, or never."""
        node = self.node
        if node is None:
            return  # connection refused
        schema = schema_of(type(request))
        assert schema.key is not None
        route = routes.find(schema.key, version)
        assert route is not None, f"{type(request).__name__} v{version}"
        content = codec.encode(request, version)
        copy, _ = route.decode(memoryview(bytearray(content)), 0, 1_000_000)
        reply = Reply()
        peer = self._peers.setdefault(client_id, Peer(client_id))
        self.observe(client_id, request, None)

        def answered(result: Any) -> None:
            response = self._response(route, copy, version, result)
            if response is not None and peer.is_open and node.is_alive:
                self.observe(client_id, request, response)
                answer(response)

        reply.when_done(answered)

        def work() -> None:
            call = Call(cast(Any, node), cast(Any, peer), schema.key or 0, version)
            try:
                result = route.handler(call, copy)
            except KafkaError as error:
                reply.resolve(error)
                return
            if isinstance(result, Held):
                node.journal.write_own()
                result.deliver(node.journal, reply)
            elif isinstance(result, Reply):
                peer.waiting = [each for each in peer.waiting if not each.is_done]
                peer.waiting.append(result)
                result.when_done(reply.resolve)
                node.journal.write_own()
            elif asyncio.iscoroutine(result):
                self.simulation.drive(result, reply.resolve, reply.resolve, node.live)
            else:
                reply.resolve(result)

        node.live(work)

    def _response(self, route: routes.Route, request: Any, version: int, result: Any) -> Any | None:
        """Return the response as its bytes say it; None if there is none."""
        if isinstance(result, KafkaError):
            result = routes.refusal(route, request, result.code, result.message)
        elif isinstance(result, BaseException):
            self.simulation.fail(result)
            return None
        if result is None:
            return None
        return codec.decode(type(result), version, codec.encode(result, version))
