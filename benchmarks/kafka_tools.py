"""Kafka's own load generators, which start a JVM for each run."""

import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.brokers import KAFKA_VERSION, Broker
from benchmarks.generator import PATIENCE_S, LoadError, Measured, Topic, last_line
from benchmarks.machine import children_cpu_seconds
from tests.support.toolchains import kafka_home_module

MEBIBYTE = 1 << 20
PRODUCED = re.compile(r"^(\d+) records sent, ([\d.]+) records/sec \(([\d.]+) MB/sec\)")


@dataclass(frozen=True, slots=True)
class Used:
    """CPU-seconds of broker and tool, and how long the tool ran with its JVM's start."""

    broker_cpu_seconds: float
    tool_cpu_seconds: float
    seconds: float


def run_tool(broker: Broker, name: str, *arguments: str) -> tuple[str, Used]:
    """Run a tool; return what it printed and what that used.

    Errors: LoadError when it fails or takes too long.
    """
    home: Path = kafka_home_module().build(KAFKA_VERSION)
    command = [str(home / "bin" / f"{name}.sh"), "--bootstrap-server", broker.bootstrap, *arguments]
    began = time.perf_counter()
    cpu, own = broker.cpu_seconds(), children_cpu_seconds()
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise LoadError(f"{name}: not done after {PATIENCE_S:.0f} s") from error
    if done.returncode:
        raise LoadError(f"{name}: {last_line(done.stderr or done.stdout)}")
    took = time.perf_counter() - began
    used = Used(broker.cpu_seconds() - cpu, children_cpu_seconds() - own, took)
    return done.stdout, used


@dataclass(frozen=True, slots=True)
class ProducerPerfTest:
    """`kafka-producer-perf-test` with acks=all and no limit."""

    records: int
    record_bytes: int

    def on(self, broker: Broker, topic: Topic) -> Measured:
        """Run it. The time is that of sending, without the JVM's start; its CPU has all."""
        arguments = ["--topic", topic.name, "--num-records", str(self.records)]
        arguments += ["--record-size", str(self.record_bytes), "--throughput", "-1"]
        arguments += ["--command-property", "acks=all"]
        printed, used = run_tool(broker, "kafka-producer-perf-test", *arguments)
        return parse_producer(printed, self.record_bytes, used)


def parse_producer(printed: str, record_bytes: int, used: Used) -> Measured:
    """Read the tool's last line.

    Errors: LoadError when it is something else.
    """
    found = PRODUCED.match(last_line(printed))
    if found is None:
        raise LoadError(f"kafka-producer-perf-test printed {last_line(printed)!r}")
    records, rate = int(found[1]), float(found[2])
    return Measured(
        seconds=records / rate,
        records=records,
        bytes=records * record_bytes,
        client_cpu_seconds=used.tool_cpu_seconds,
        broker_cpu_seconds=used.broker_cpu_seconds,
        client_seconds=used.seconds,
    )


@dataclass(frozen=True, slots=True)
class ConsumerPerfTest:
    """`kafka-consumer-perf-test`, which reads a topic from its start."""

    records: int

    def on(self, broker: Broker, topic: Topic) -> Measured:
        """Run it. The time is that of fetching, after the group is settled."""
        arguments = ["--topic", topic.name, "--num-records", str(self.records)]
        printed, used = run_tool(broker, "kafka-consumer-perf-test", *arguments)
        return parse_consumer(printed, used)


def parse_consumer(printed: str, used: Used) -> Measured:
    """Read the tool's table: names in its first line, values in its last.

    Errors: LoadError when it is something else.
    """
    lines = [line for line in printed.splitlines() if line.count(",") >= 9]
    if len(lines) < 2:
        raise LoadError(f"kafka-consumer-perf-test printed {last_line(printed)!r}")
    names, values = ([part.strip() for part in lines[at].split(",")] for at in (0, -1))
    row = dict(zip(names, values, strict=True))
    return Measured(
        seconds=float(row["fetch.time.ms"]) / 1000,
        records=float(row["data.consumed.in.nMsg"]),
        bytes=float(row["data.consumed.in.MB"]) * MEBIBYTE,
        client_cpu_seconds=used.tool_cpu_seconds,
        broker_cpu_seconds=used.broker_cpu_seconds,
        client_seconds=used.seconds,
    )
