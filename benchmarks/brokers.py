"""Start and stop the brokers to be compared, and read what they use."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.toolchains import kafka_home_module

ROOT = Path(__file__).resolve().parent.parent
KAFKA_VERSION = "4.3.1"
KAFKA_HEAP = "-Xms1G -Xmx1G"
KAFKA_FLAGS = (
    "-server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -XX:InitiatingHeapOccupancyPercent=35"
    " -XX:+ExplicitGCInvokesConcurrent"
)
KAFKA_SETTINGS = {
    "file.delete.delay.ms": "1",
    # What deletes the files of a topic that is gone goes by the broker's key, and runs as often
    # as it says: every millisecond would be work that an idle Kafka does not do.
    "log.segment.delete.delay.ms": "200",
    "log.initial.task.delay.ms": "500",
}
"""The data of a round is off the disk before the next."""
OUR_SETTINGS = {
    "log.segment.delete.delay.ms": "1",
    # The home of Kafka has it too: 100 members join at once, not after three seconds.
    "group.initial.rebalance.delay.ms": "0",
}
NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
TICKS = os.sysconf("SC_CLK_TCK")
STOPS_WITHIN_S = 120.0


class BrokerError(Exception):
    """A broker cannot be installed or started; the text says why."""


@dataclass
class Broker:
    """A running broker.

    `folder` holds a folder for each partition, or is None for a broker that keeps none.
    """

    name: str
    address: tuple[str, int]
    pid: int
    ready_ms: float
    folder: Path | None = None

    @property
    def bootstrap(self) -> str:
        """Where clients connect, as `host:port`."""
        return f"{self.address[0]}:{self.address[1]}"

    def resident_mb(self) -> float:
        """Resident memory now."""
        text = Path(f"/proc/{self.pid}/status").read_text()
        line = next(line for line in text.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def descriptors(self) -> int:
        """Open files and connections now."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def cpu_seconds(self) -> float:
        """User and system time so far."""
        fields = self._stat()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def holds(self, topic: str) -> bool:
        """Whether files of a topic are still on the disk."""
        if self.folder is None:
            return False
        return any(name.startswith(topic) for name in os.listdir(self.folder))

    def end(self, how: signal.Signals) -> float:
        """Send a signal and return the seconds until the process is gone.

        Errors: BrokerError when it still runs after two minutes.
        """
        began = time.perf_counter()
        os.kill(self.pid, how)
        while self._stat()[0] != "Z":
            if time.perf_counter() - began > STOPS_WITHIN_S:
                raise BrokerError(f"{self.name} still runs {STOPS_WITHIN_S:.0f} s after {how.name}")
            time.sleep(0.005)
        return time.perf_counter() - began

    def _stat(self) -> list[str]:
        """Return the fields of /proc/pid/stat from the state on. It is there until reaped."""
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()


@contextmanager
def ours(
    data: Path, durability: str, *overrides: str, command: tuple[str, ...] = ()
) -> Iterator[Broker]:
    """Run this project's broker, by `python -m kafkacompat` unless a command is given."""
    words = [*(command or (sys.executable, "-m", "kafkacompat")), "start", "-p", "0"]
    words += ["-d", str(data), "--print-ready", "json"]
    settings = [f"{name}={value}" for name, value in OUR_SETTINGS.items()]
    for item in [f"kafkacompat.durability={durability}", *settings, *overrides]:
        words += ["--override", item]
    path = os.pathsep.join(str(ROOT / part) for part in ("", "protocol", "storage"))
    # As people have it: the first start keeps what it compiled.
    environment = {key: os.environ[key] for key in os.environ if key != NO_BYTECODE}
    environment["PYTHONPATH"] = path
    data.parent.mkdir(parents=True, exist_ok=True)
    said = data.parent / f"{data.name}.log"
    began = time.perf_counter()
    with said.open("wb") as log:
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, env=environment)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        took_ms = (time.perf_counter() - began) * 1000
        if not line:
            raise BrokerError(f"kafkacompat did not start: {said.read_text()[-500:].strip()}")
        host, _, port = json.loads(line)["bootstrap_servers"].split(",")[0].rpartition(":")
        yield Broker("kafkacompat", (host, int(port)), process.pid, took_ms, data)
    finally:
        process.terminate()
        try:
            process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


@contextmanager
def kafka(data: Path, **settings: str) -> Iterator[Broker]:
    """Run a real Apache Kafka with 1 GiB of heap and Kafka's own JVM flags.

    Settings are keys with `_` in the place of dots. An empty folder is formatted first, by a start
    that is not counted.

    Errors: BrokerError when it cannot be built or started.
    """
    home = kafka_home_module()
    own = KAFKA_SETTINGS | {k.replace("_", "."): v for k, v in settings.items()}
    environment = {"KAFKA_HEAP_OPTS": KAFKA_HEAP, "KAFKA_JVM_PERFORMANCE_OPTS": KAFKA_FLAGS}
    try:
        where = home.build(KAFKA_VERSION)
        if not (data / "data" / "meta.properties").exists():
            with home.running_broker(where, data, settings=own, environment=environment):
                pass
        began = time.perf_counter()
        with home.running_broker(where, data, settings=own, environment=environment) as running:
            took_ms = (time.perf_counter() - began) * 1000
            host, _, port = running.bootstrap.rpartition(":")
            yield Broker("Kafka", (host, int(port)), running.pid, took_ms, data / "data")
    except home.KafkaHomeError as error:
        raise BrokerError(str(error)) from error
