"""A broker as an object: `with ThreadedBroker() as broker`, or `async with Broker() as broker`.

It runs in a thread with an event loop of its own and touches nothing of the caller's: no signal
handler, no logging configuration, no working directory.
"""

import asyncio
import functools
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, TypeVar

from kafkacompat.broker import Node
from kafkacompat.cluster.configs import configs_of, elsewhere
from kafkacompat.config.load import combine, given
from kafkacompat.config.profiles import AS_VERSION, FOR_TESTS, with_defaults
from kafkacompat.config.properties import parse_properties
from kafkacompat.embedded.client import Client
from kafkacompat.embedded.cluster import ClusterPowers
from kafkacompat.embedded.faulty import FaultPowers
from kafkacompat.embedded.groups import GroupPowers
from kafkacompat.embedded.host import BrokerError, Host, ThreadHost
from kafkacompat.embedded.moves import ClockPowers, MovePowers
from kafkacompat.embedded.state import Snapshot, StatePowers
from kafkacompat.embedded.tap import Tap
from kafkacompat.server.advertise import split_address
from kafkacompat_storage.memory_store import MemoryStore

P = ParamSpec("P")
R = TypeVar("R")


class Powers(GroupPowers, StatePowers, FaultPowers, MovePowers, ClusterPowers):
    """Everything that a test can do with a broker that runs. Methods block, for milliseconds."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._client = Client(*map(split_address, self.addresses.values()))
        self._now_ms = host.clock_ms
        self._tap = Tap()
        self._first: Snapshot | None = None
        self.clock = ClockPowers(host)
        host.call(self._attach)

    def _attach(self) -> None:
        self._host.brokers.tap = self._tap

    @property
    def node(self) -> Node:
        """The node that runs now, the first that lives; it lives in another thread."""
        return self._host.node

    @property
    def bootstrap_servers(self) -> str:
        """What clients connect to, as `host:port`; of all brokers, with commas between."""
        return ",".join(self.addresses.values())

    @property
    def is_in_memory(self) -> bool:
        """Whether it can be reset, and has snapshots."""
        return isinstance(self._host.brokers.core.store, MemoryStore)

    @property
    def port(self) -> int:
        """The port of the first listener, of the first broker."""
        return next(split_address(each)[1] for each in self.addresses.values())

    @property
    def cluster_id(self) -> str:
        """The cluster's id, which stays through `reset` and `restore`."""
        return self._host.node.cluster_id

    def fork(self, snapshot: Snapshot | None = None) -> "ThreadedBroker":
        """Start another broker with the same data and cluster id, at a port of its own.

        Errors: BrokerError for a broker with a directory.
        """
        kept = snapshot or self.snapshot()
        made = ThreadedBroker()
        made._configs = [elsewhere(static) for static in self._host.brokers.configs]
        made._from = kept
        return made.start()

    def apply_seed(self, path: str | Path) -> None:
        """Put what a seed file says into the broker. Errors: SeedError, OSError."""
        from kafkacompat.seed.apply import apply
        from kafkacompat.seed.document import read_seed

        apply(read_seed(path), self.node, self._now_ms)

    def keep_first(self) -> None:
        """Have `reset` go back to what there is now. Errors: BrokerError with a directory."""
        self._first = self.snapshot()


class ThreadedBroker(Powers):
    """A broker in this process. Started by `start` or `with`; usable as a decorator, too.

    In memory unless there is a `data_dir`. `config` is what server.properties would say; keyword
    arguments are the same with underscores for dots: `log_retention_ms=1000`. `topics` are made at
    the start: names with their numbers of partitions. `seed` is a file with more of that.
    `as_version` is a release of Apache Kafka to pass for: 2.8, 3.9, 4.0 or 4.3. With several
    `brokers`, in memory, it is a cluster to clients; `racks` names the rack of each.

    Errors: ConfigError for a setting that there is not, or a wrong value.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        data_dir: str | Path | None = None,
        topics: Mapping[str, int] | None = None,
        seed: str | Path | None = None,
        as_version: str | None = None,
        brokers: int = 1,
        racks: Sequence[str] = (),
        config: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> None:
        own = {key: str(value) for key, value in (config or {}).items()}
        own |= {key.replace("_", "."): str(value) for key, value in settings.items()}
        own.setdefault("listeners", f"PLAINTEXT://127.0.0.1:{port}")
        if as_version is not None:
            own[AS_VERSION] = as_version
        if data_dir is not None:
            own.setdefault("log.dirs", str(data_dir))
            own.setdefault("kafkacompat.durability", "os")
        else:
            own.setdefault("kafkacompat.durability", "memory")
        static = combine([], given(with_defaults(FOR_TESTS | own), "settings")).static
        self._configs: list[dict[str, str]] = configs_of(static, brokers, racks)
        self._topics = dict(topics or {})
        self._seed = seed
        self._from: Snapshot | None = None

    @classmethod
    def from_properties(cls, path: str | Path, **settings: Any) -> "ThreadedBroker":
        """Return a broker with the settings of a server.properties, to be started.

        Errors: OSError, ConfigError.
        """
        found = parse_properties(Path(path).read_text())
        return cls(config={item.name: item.value for item in found}, **settings)

    def start(self) -> "ThreadedBroker":
        """Start, and return when clients can connect. Errors: those of `Node.start`."""
        if "_host" in self.__dict__:
            raise BrokerError("it runs already")
        store = None if self._from is None else self._from.store.copy()
        host = ThreadHost(self._configs, store)
        try:
            super().__init__(host)
            self.create_topics(self._topics)
            if self._seed is not None:
                self.apply_seed(self._seed)
            if self.is_in_memory:
                self.keep_first()
        except BaseException:
            host.close()
            raise
        return self

    def stop(self) -> None:
        """Stop; no thread and no socket is left. Data in memory are gone."""
        host = self.__dict__.pop("_host", None)
        if isinstance(host, ThreadHost):
            self._client.close()
            host.close()

    def __enter__(self) -> "ThreadedBroker":
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def __call__(self, function: Callable[..., R]) -> Callable[..., R]:
        """Run a function with the broker started, as its first argument."""

        @functools.wraps(function)
        def with_broker(*arguments: Any, **named: Any) -> R:
            with self as broker:
                return function(broker, *arguments, **named)

        return with_broker


def _in_thread(
    method: Callable[Concatenate[ThreadedBroker, P], R],
) -> "Callable[Concatenate[Broker, P], Coroutine[Any, Any, R]]":
    async def call(self: "Broker", /, *arguments: P.args, **named: P.kwargs) -> R:
        return await asyncio.to_thread(method, self.threaded, *arguments, **named)

    functools.update_wrapper(call, method)
    return call


class Broker:
    """A `ThreadedBroker` for coroutines: what takes more than a moment is awaited.

    Faults, the log of requests and the clock are used by way of `threaded`.
    """

    def __init__(self, **arguments: Any) -> None:
        self.threaded = ThreadedBroker(**arguments)

    @classmethod
    def from_properties(cls, path: str | Path, **settings: Any) -> "Broker":
        """Return a broker with the settings of a server.properties. Errors: as ThreadedBroker."""
        made = cls()
        made.threaded = ThreadedBroker.from_properties(path, **settings)
        return made

    @property
    def bootstrap_servers(self) -> str:
        """What clients connect to, as `host:port`."""
        return self.threaded.bootstrap_servers

    async def __aenter__(self) -> "Broker":
        await asyncio.to_thread(self.threaded.start)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self.threaded.stop)

    create_topic = _in_thread(ThreadedBroker.create_topic)
    create_topics = _in_thread(ThreadedBroker.create_topics)
    delete_topic = _in_thread(ThreadedBroker.delete_topic)
    topics = _in_thread(ThreadedBroker.topics)
    produce = _in_thread(ThreadedBroker.produce)
    records = _in_thread(ThreadedBroker.records)
    wait_for_records = _in_thread(ThreadedBroker.wait_for_records)
    end_offsets = _in_thread(ThreadedBroker.end_offsets)
    groups = _in_thread(ThreadedBroker.groups)
    committed = _in_thread(ThreadedBroker.committed)
    lag = _in_thread(ThreadedBroker.lag)
    wait_for_group = _in_thread(ThreadedBroker.wait_for_group)
    wait_for_no_lag = _in_thread(ThreadedBroker.wait_for_no_lag)
    snapshot = _in_thread(ThreadedBroker.snapshot)
    restore = _in_thread(ThreadedBroker.restore)
    reset = _in_thread(ThreadedBroker.reset)
    apply_retention = _in_thread(ThreadedBroker.apply_retention)
    compact = _in_thread(ThreadedBroker.compact)
    move_leader = _in_thread(ThreadedBroker.move_leader)
    kill = _in_thread(ThreadedBroker.kill)
    restart = _in_thread(ThreadedBroker.restart)
