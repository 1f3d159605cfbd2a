"""A plugin for pytest: brokers as fixtures. Nothing of the broker is imported before it is used.

`kafka_broker` is one broker for the session (for each worker of xdist), `kafka` the same as it was
at its start, for each test. A test that marks itself with `kafka(config=...)` has a broker of its
own. What fails shows the broker's log and the last requests.
"""

import logging
import os
from collections import deque
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from kafkacompat import ThreadedBroker

REQUESTS_SHOWN: Final = 20
LOG_LINES_KEPT: Final = 200
_VIEW = pytest.StashKey["View"]()


class View:
    """A broker as one test sees it: all that `ThreadedBroker` has, and names of its own."""

    def __init__(self, broker: "ThreadedBroker", name: str) -> None:
        self.broker = broker
        self.prefix = name
        """Begins names that no other test uses."""
        self.first_request = broker.last_request()
        self._topics = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.broker, name)

    def requests(self, api: str | int | None = None, **filters: Any) -> Any:
        """Return the requests of this test, as `ThreadedBroker.requests` does."""
        return self.broker.requests(api, **{"after": self.first_request, **filters})

    def wait_for_request(self, api: str | int | None = None, **filters: Any) -> Any:
        """Wait for requests of this test, as `ThreadedBroker.wait_for_request` does."""
        return self.broker.wait_for_request(api, **{"after": self.first_request, **filters})

    def topic(self, partitions: int = 1, **settings: Any) -> str:
        """Make a topic of a name that no other test uses; return the name."""
        self._topics += 1
        name = f"{self.prefix}-{self._topics}"
        self.broker.create_topic(name, partitions, **settings)
        return name


class _LogTail(logging.Handler):
    """The last lines of the broker's log."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: deque[str] = deque(maxlen=LOG_LINES_KEPT)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


_TAIL = pytest.StashKey[_LogTail]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Enter the options."""
    group = parser.getgroup("kafkacompat")
    group.addoption(
        "--kafka-bootstrap",
        metavar="HOST:PORT",
        help="the Kafka that kafka_external and kafka_env mean, instead of a broker started here",
    )
    parser.addini("kafka_config", "settings of the broker of the session, key=value", "linelist")
    parser.addini("kafka_topics", "topics that it starts with, name[:partitions]", "linelist")
    parser.addini("kafka_data_dir", "its directory; in memory without one")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        "kafka(topics={name: partitions}, config={key: value}): what a test's broker starts with;"
        " with config it has a broker of its own",
    )


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Show what the broker saw beside a failure."""
    outcome = yield
    view = item.stash.get(_VIEW, None)
    report = outcome.get_result()
    if view is None or not report.failed:
        return
    requests = view.requests()[-REQUESTS_SHOWN:]
    if requests:
        text = "\n".join(str(request) for request in requests)
        report.sections.append((f"kafkacompat: last {len(requests)} requests", text))
    tail = item.config.stash.get(_TAIL, None)
    if tail is not None and tail.lines:
        report.sections.append(("kafkacompat: log", "\n".join(tail.lines)))


def broker_fixture(scope: Any = "module", **arguments: Any) -> Callable[..., Any]:
    """Return a fixture with a broker of its own: `orders = broker_fixture(topics={"orders": 3})`.

    `arguments` are those of `ThreadedBroker`.
    """

    @pytest.fixture(scope=scope)
    def broker(request: pytest.FixtureRequest) -> Iterator["ThreadedBroker"]:
        """A broker of its own."""
        with _started(request.config, **arguments) as started:
            yield started

    return broker


def _started(run: pytest.Config, /, **arguments: Any) -> "ThreadedBroker":
    from kafkacompat import ThreadedBroker

    if run.stash.get(_TAIL, None) is None:
        tail = run.stash[_TAIL] = _LogTail()
        logger = logging.getLogger("kafkacompat")
        logger.addHandler(tail)
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.INFO)
    return ThreadedBroker(**arguments)


@pytest.fixture(scope="session")
def kafka_broker(request: pytest.FixtureRequest) -> Iterator["ThreadedBroker"]:
    """One broker for the session, started when a test first needs it."""
    config = request.config
    settings = dict(_pair(line) for line in config.getini("kafka_config"))
    data_dir = config.getini("kafka_data_dir") or None
    topics = dict(_topic(line) for line in config.getini("kafka_topics"))
    with _started(config, config=settings, topics=topics, data_dir=data_dir) as broker:
        yield broker


def _pair(line: str) -> tuple[str, str]:
    key, equals, value = line.partition("=")
    if not equals:
        raise pytest.UsageError(f"kafka_config: {line!r} is no key=value")
    return key.strip(), value.strip()


def _topic(line: str) -> tuple[str, int]:
    name, _, partitions = line.partition(":")
    return name.strip(), int(partitions or 1)


@pytest.fixture
def kafka(request: pytest.FixtureRequest) -> Iterator[View]:
    """The broker as it was at its start, for this test alone."""
    marker = request.node.get_closest_marker("kafka")
    wished = dict(marker.kwargs) if marker is not None else {}
    topics = wished.pop("topics", {})
    if wished:
        with _started(request.config, topics=topics, **wished) as own:
            yield from _view(request, own)
        return
    broker: ThreadedBroker = request.getfixturevalue("kafka_broker")
    if broker.is_in_memory:
        broker.reset(topics)
    else:
        broker.clock.unfreeze()
        broker.create_topics(topics)
    yield from _view(request, broker)


def _view(request: pytest.FixtureRequest, broker: "ThreadedBroker") -> Iterator[View]:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    name = "".join(c if c.isalnum() else "-" for c in request.node.name)[:100]
    view = request.node.stash[_VIEW] = View(broker, f"{worker}{name}".strip("-"))
    if request.instance is not None:
        request.instance.kafka = view
    yield view
    broker.clear_faults()


@pytest.fixture
def kafka_topic(kafka: View) -> str:
    """The name of a topic that this test has for itself."""
    return kafka.topic()


@pytest.fixture
def kafka_env(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """KAFKA_BOOTSTRAP_SERVERS, set for this test; its value."""
    external: str | None = request.config.getoption("--kafka-bootstrap")
    servers: str = external or request.getfixturevalue("kafka").bootstrap_servers
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", servers)
    return servers


@pytest.fixture(scope="session")
def kafka_external(request: pytest.FixtureRequest) -> str:
    """Where the Kafka is that --kafka-bootstrap names."""
    servers: str | None = request.config.getoption("--kafka-bootstrap")
    if servers is None:
        raise pytest.UsageError("kafka_external needs --kafka-bootstrap=HOST:PORT")
    return servers


@pytest.fixture
def kafka_producer(kafka: View) -> Iterator[Any]:
    """A producer of confluent-kafka or kafka-python, whichever is installed."""
    from kafkacompat.pytest_clients import producer

    with producer(kafka.bootstrap_servers) as made:
        yield made


@pytest.fixture
def kafka_consumer(kafka: View) -> Iterator[Any]:
    """A consumer, from the beginning, in a group that no other test uses; still to subscribe."""
    from kafkacompat.pytest_clients import consumer

    with consumer(kafka.bootstrap_servers, group=f"{kafka.prefix}-group") as made:
        yield made


@pytest.fixture
def kafka_admin(kafka: View) -> Iterator[Any]:
    """An admin client."""
    from kafkacompat.pytest_clients import admin

    with admin(kafka.bootstrap_servers) as made:
        yield made
