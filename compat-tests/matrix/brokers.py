"""The broker a client is run against: ours, or the real Kafka with the same settings."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from broker_process import BrokerProcess

from tests.support.toolchains import kafka_home_module

OURS = "kafkacompat"
KAFKA = "kafka"
KINDS = (OURS, KAFKA)
KAFKA_VERSION = "4.3.1"
VARIABLE = "COMPAT_BROKER"
"""Names the kind for suites that start brokers of their own."""
SETTINGS = {
    "group.initial.rebalance.delay.ms": "100",
    "group.min.session.timeout.ms": "1000",
    "group.consumer.min.session.timeout.ms": "1000",
    "group.consumer.min.heartbeat.interval.ms": "100",
    "group.consumer.heartbeat.interval.ms": "500",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.num.partitions": "4",
    "num.partitions": "1",
}
"""Of both kinds, so that nobody waits for what is not tested."""


class Broker(Protocol):
    """What a suite does with a broker; a restart keeps port and data."""

    data: Path
    log: Path

    @property
    def bootstrap(self) -> str: ...
    @property
    def has_started(self) -> bool: ...
    def start(self) -> object: ...
    def stop(self) -> object: ...


class KafkaProcess:
    """A broker of the real Kafka."""

    def __init__(
        self, data: Path, settings: Mapping[str, str], port: int, version: str = KAFKA_VERSION
    ) -> None:
        (free,) = kafka_home_module().free_ports(1)
        self.data = data
        self.port = port or free
        self.log = data / "broker.log"
        self._settings = settings
        self._version = version
        self._running: ExitStack | None = None

    @property
    def bootstrap(self) -> str:
        """host:port for clients."""
        return f"127.0.0.1:{self.port}"

    @property
    def has_started(self) -> bool:
        """Whether there is a process to stop."""
        return self._running is not None

    def start(self) -> "KafkaProcess":
        """Start, and return once it can be used."""
        homes = kafka_home_module()
        stack = ExitStack()
        stack.enter_context(
            homes.running_broker(
                homes.build(self._version), self.data, settings=self._settings, port=self.port
            )
        )
        self._running = stack
        return self

    def stop(self) -> None:
        """Stop it and wait for that."""
        if self._running is not None:
            self._running.close()
            self._running = None


def kind_wanted() -> str:
    """Return which kind of broker this process is to test, from the environment."""
    return os.environ.get(VARIABLE, OURS)


def broker(
    kind: str,
    data: Path,
    settings: Mapping[str, str],
    port: int = 0,
    version: str = KAFKA_VERSION,
) -> Broker:
    """Return a broker that was not started yet, with `SETTINGS` and these.

    `version` is of the real Kafka.
    """
    if kind == KAFKA:
        return KafkaProcess(data, SETTINGS | dict(settings), port, version)
    properties = data.parent / f"{data.name}.properties"
    properties.write_text("".join(f"{name}={value}\n" for name, value in SETTINGS.items()))
    port = port or kafka_home_module().free_ports(1)[0]
    settings = {"advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}", **settings}
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return BrokerProcess(data, port=port, arguments=[str(properties), *words])


@contextmanager
def running_broker(
    kind: str, data: Path, settings: Mapping[str, str], version: str = KAFKA_VERSION
) -> Iterator[Broker]:
    """Start a broker, and stop it in the end."""
    made = broker(kind, data, settings, version=version)
    made.start()
    try:
        yield made
    finally:
        made.stop()
