"""Start and stop the brokers to be compared, and read what they use."""

import json
import os
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
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Broker:
    """A running broker."""

    name: str
    address: tuple[str, int]
    pid: int
    ready_ms: float

    def resident_mb(self) -> float:
        """Resident memory now."""
        text = Path(f"/proc/{self.pid}/status").read_text()
        line = next(line for line in text.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def cpu_seconds(self) -> float:
        """User and system time so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


@contextmanager
def ours(data: Path, durability: str, *overrides: str) -> Iterator[Broker]:
    """Run this project's broker by its command."""
    command = [sys.executable, "-m", "kafkacompat", "start", "-p", "0", "-d", str(data)]
    command += ["--print-ready", "json", "--override", f"kafkacompat.durability={durability}"]
    for item in overrides:
        command += ["--override", item]
    path = os.pathsep.join(str(ROOT / part) for part in ("", "protocol", "storage"))
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": path},
    )
    assert process.stdout is not None
    try:
        ready = json.loads(process.stdout.readline())
        took_ms = (time.perf_counter() - began) * 1000
        host, _, port = ready["bootstrap_servers"].split(",")[0].rpartition(":")
        yield Broker(f"kafkacompat ({durability})", (host, int(port)), process.pid, took_ms)
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


@contextmanager
def kafka(data: Path, **settings: str) -> Iterator[Broker]:
    """Run a real Apache Kafka with 1 GiB of heap and Kafka's own JVM flags."""
    home = kafka_home_module()
    own = {"file.delete.delay.ms": "1"} | {k.replace("_", "."): v for k, v in settings.items()}
    environment = {"KAFKA_HEAP_OPTS": KAFKA_HEAP, "KAFKA_JVM_PERFORMANCE_OPTS": KAFKA_FLAGS}
    where = home.build(KAFKA_VERSION)
    with home.running_broker(where, data, settings=own, environment=environment):
        pass  # formats the directory, which is not part of a start
    began = time.perf_counter()
    with home.running_broker(where, data, settings=own, environment=environment) as running:
        took_ms = (time.perf_counter() - began) * 1000
        host, _, port = running.bootstrap.rpartition(":")
        name = "Kafka (flush.messages=1)" if "flush_messages" in settings else "Kafka"
        yield Broker(name, (host, int(port)), running.pid, took_ms)
