"""Run the load generator, or another client, against a broker and read what it measured.

The generator prints one JSON line; `Measured` is that line plus the CPU time that the broker used
meanwhile. What a run is, is a small object (`Load`, `BackgroundLoad`), so that a workload can
declare it as data. In arguments, `{topic}` stands for the topic of the round, `{partitions}` and
`{topics}` for their numbers, and `{group}` for a group that no other round uses.
"""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from benchmarks.brokers import ROOT, Broker

BINARY = ROOT / "benchmarks" / "loadgen" / "target" / "release" / "loadgen"
PATIENCE_S = 180.0
JOINED_AFTER_S = 5.0
RESIDENT_EVERY_S = 0.05


class LoadError(Exception):
    """A client did not get what it asked for; the text is what it said."""


@dataclass(slots=True)
class Measured:
    """What one run came to. Times are seconds, `latency_ms` has p50, p99, p999 and max.

    `client_seconds` is how long the client ran, where that is more than what it measured.
    """

    seconds: float
    records: float = 0
    requests: float = 0
    bytes: float = 0
    client_cpu_seconds: float = 0
    broker_cpu_seconds: float = 0
    latency_ms: dict[str, float] = field(default_factory=dict)
    extra: dict[str, float] = field(default_factory=dict)
    client_seconds: float | None = None

    @property
    def client_share(self) -> float | None:
        """The share of one core that the client used, or None if it is not known."""
        if not self.client_cpu_seconds:
            return None
        return self.client_cpu_seconds / (self.client_seconds or self.seconds)

    @property
    def broker_cpu_per_million(self) -> float | None:
        """The broker's CPU-seconds for a million records, or None if there were none."""
        return self.broker_cpu_seconds / self.records * 1e6 if self.records else None


@dataclass(frozen=True, slots=True)
class Topic:
    """What a round works on: one topic, or `topics` of them named `name-0` and so on."""

    name: str
    partitions: int
    topics: int = 1

    def filled_in(self, arguments: tuple[str, ...]) -> list[str]:
        """Return arguments with this topic's name and numbers in place."""
        words = {
            "{topic}": self.name,
            "{partitions}": str(self.partitions),
            "{topics}": str(self.topics),
            "{group}": f"group-{time.time_ns()}",
        }
        return [words.get(argument, argument) for argument in arguments]


class Run(Protocol):
    """Something to measure on a broker."""

    def on(self, broker: Broker, topic: Topic) -> Measured:
        """Do it once.

        Errors: LoadError.
        """
        ...


def generate(broker: Broker, *arguments: str, patience_s: float = PATIENCE_S) -> Measured:
    """Run the load generator to its end.

    Errors: LoadError when it ends with an error, prints no result or takes too long.
    """
    command = [str(BINARY), *arguments, "--bootstrap", broker.bootstrap]
    cpu = broker.cpu_seconds()
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=patience_s, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise LoadError(f"{arguments[0]}: not done after {patience_s:.0f} s") from error
    used = broker.cpu_seconds() - cpu
    if done.returncode:
        raise LoadError(f"{arguments[0]}: {in_short(done.stderr) or done.returncode}")
    return parse(done.stdout, used)


def parse(printed: str, broker_cpu_seconds: float) -> Measured:
    """Read the generator's JSON line. Numbers that are not known by name go to `extra`.

    Errors: LoadError when there is no such line.
    """
    try:
        found: dict[str, Any] = json.loads(last_line(printed))
        measured = Measured(seconds=float(found.pop("seconds")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LoadError(f"the load generator printed {printed[:200]!r}") from error
    measured.broker_cpu_seconds = broker_cpu_seconds
    measured.latency_ms = found.pop("latency_ms", None) or {}
    for name in ("records", "requests", "bytes", "client_cpu_seconds"):
        setattr(measured, name, float(found.pop(name, None) or 0))
    measured.extra = {
        name: float(value) for name, value in found.items() if isinstance(value, int | float)
    }
    return measured


def last_line(text: str) -> str:
    """Return the last line that is not empty, or an empty string."""
    return next((line for line in reversed(text.splitlines()) if line.strip()), "")


def in_short(text: str) -> str:
    """Return what a program said in one line of at most 200 characters."""
    return " ".join(text.split())[:200]


def create(broker: Broker, topic: Topic, *settings: str) -> Measured:
    """Create the topic, or topics, and wait until all partitions can be used."""
    arguments = ["create", "--topic", topic.name, "--partitions", str(topic.partitions)]
    arguments += ["--topics", str(topic.topics)]
    for setting in settings:
        arguments += ["--config", setting]
    return generate(broker, *arguments)


def delete(broker: Broker, topic: Topic) -> Measured:
    """Delete the topic, or topics."""
    return generate(broker, "delete", "--topic", topic.name, "--topics", str(topic.topics))


@dataclass(frozen=True, slots=True)
class Load:
    """One run of the load generator, from its start to its end."""

    arguments: tuple[str, ...]

    def on(self, broker: Broker, topic: Topic) -> Measured:
        """Run it."""
        return generate(broker, *topic.filled_in(self.arguments))


@contextmanager
def generating(broker: Broker, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """Run the load generator beside what the caller does, which ends it if it still runs."""
    process = subprocess.Popen(
        [str(BINARY), *arguments, "--bootstrap", broker.bootstrap],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@dataclass(frozen=True, slots=True)
class IdleLoad:
    """Clients that do nothing but stay: the broker's CPU over `seconds` once they have joined.

    `extra["percent of a core"]` is the result.
    """

    arguments: tuple[str, ...]
    seconds: float

    def on(self, broker: Broker, topic: Topic) -> Measured:
        """Start the clients, wait until they are settled, and watch."""
        with generating(broker, *topic.filled_in(self.arguments)) as process:
            time.sleep(JOINED_AFTER_S)
            began, cpu = time.perf_counter(), broker.cpu_seconds()
            time.sleep(self.seconds)
            used, took = broker.cpu_seconds() - cpu, time.perf_counter() - began
            if process.poll():
                _, said = process.communicate()
                raise LoadError(f"{self.arguments[0]}: {in_short(said)}")
            if process.returncode == 0:
                raise LoadError(f"{self.arguments[0]}: ended before it was watched")
        return Measured(
            seconds=took,
            broker_cpu_seconds=used,
            extra={"percent of a core": 100 * used / took},
        )


@dataclass(frozen=True, slots=True)
class SlowReaderLoad:
    """A consumer that asks for much and reads slowly, with a producer beside it.

    `extra["resident MB"]` is the most memory the broker held, `latency_ms` that of the producer.
    """

    slow: tuple[str, ...]
    beside: tuple[str, ...]

    def on(self, broker: Broker, topic: Topic) -> Measured:
        """Run both, and sample the broker's memory until the slow one ends."""
        most = broker.resident_mb()
        with generating(broker, *topic.filled_in(self.slow)) as process:
            measured = generate(broker, *topic.filled_in(self.beside))
            give_up = time.monotonic() + PATIENCE_S
            while process.poll() is None and time.monotonic() < give_up:
                most = max(most, broker.resident_mb())
                time.sleep(RESIDENT_EVERY_S)
            if process.returncode != 0:
                _, said = process.communicate()
                raise LoadError(f"slow: {in_short(said) or 'not done'}")
        measured.extra["resident MB"] = most
        return measured


def is_built() -> bool:
    """Whether the load generator is there."""
    return Path(BINARY).exists()
