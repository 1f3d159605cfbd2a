"""Produce, fetch, single records, start and memory, beside a real Apache Kafka.

    python -m benchmarks.foundation [--rounds 3] [--megabytes 200] [--quick]

The brokers run at the same time and take turns (A B A B), so that what the machine does meets all
alike; a first round is thrown away. Each round has a topic of its own, deleted after it. The table
has the median, the spread and the ratio to Kafka. "fresh memory" is a control: the rate at which
this machine hands out memory that was never touched, which bounds everything that fills the page
cache.
"""

import argparse
import mmap
import platform
import statistics
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks import load
from benchmarks.brokers import Broker, kafka, ours

PARTITIONS = 4
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Workload:
    """One row: records of a size, some in a request, some requests unanswered at a time."""

    name: str
    unit: str
    records: int
    record_bytes: int
    window: int
    requests: int | None = None
    acks: int = -1


PRODUCE = [
    Workload("produce 100 B", "msg/s", 1000, 100, 8),
    Workload("produce 1 KB", "MB/s", 100, 1024, 8),
    Workload("produce 100 KB", "MB/s", 1, 102_400, 8),
    Workload("one record a request, pipelined", "req/s", 1, 100, 200, requests=40_000),
    Workload("one record, one in flight", "req/s", 1, 100, 1, requests=5_000),
]


def fresh_memory_mb_s() -> float:
    """Touch 256 MiB of new memory; return MB/s."""
    size = 256 << 20
    with mmap.mmap(-1, size) as area:
        start = time.perf_counter()
        for at in range(0, size, 4096):
            area[at] = 1
        return size / MEGABYTE / (time.perf_counter() - start)


@dataclass(frozen=True)
class Round:
    """What one round of a workload came to."""

    figure: float
    cpu_per_million: float
    fetch_mb_s: float


def run_round(broker: Broker, work: Workload, megabytes: int) -> Round:
    """Produce to a new topic, read it back if it holds much, and delete it."""
    client = load.Client(broker.address)
    topic = f"bench-{time.time_ns()}"
    load.create_topic(client, topic, PARTITIONS)
    frames = load.produce_frames(topic, PARTITIONS, work.records, work.record_bytes, work.acks)
    count = work.requests or max(8, megabytes * MEGABYTE // (work.records * work.record_bytes))
    cpu = broker.cpu_seconds()
    seconds = load.produce(client, frames, count, work.window)
    used = broker.cpu_seconds() - cpu
    fetched = fetch(client, topic) if work.requests is None else 0.0
    load.delete_topic(client, topic)
    client.close()
    moved = count * work.records
    figure = {
        "msg/s": moved / seconds,
        "req/s": count / seconds,
        "MB/s": moved * work.record_bytes / MEGABYTE / seconds,
    }[work.unit]
    return Round(figure, used / moved * 1e6, fetched)


def fetch(client: load.Client, topic: str) -> float:
    """Read a topic from its start to its end; return MB/s."""
    ends = [partition.offset for partition in load.list_ends(client, topic, PARTITIONS)]
    start = time.perf_counter()
    return load.fetch_all(client, topic, ends) / MEGABYTE / (time.perf_counter() - start)


class Table:
    """Figures by row and broker."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], dict[str, list[tuple[float, float]]]] = {}

    def add(self, row: str, unit: str, broker: str, figure: float, cpu: float = 0.0) -> None:
        """Keep one round's figure."""
        self.rows.setdefault((row, unit), {}).setdefault(broker, []).append((figure, cpu))

    def print(self, base: str) -> None:
        """Print medians, spreads and ratios to the broker `base`."""
        print(f"| {'workload':<34} | {'broker':<24} | {'median':>12} | {'spread':>25} |", end="")
        print(f" {'unit':<6} | {'ratio':>6} | {'CPU s / 1e6 rec':>15} |")
        print("|" + "---|" * 7)
        for (row, unit), brokers in self.rows.items():
            reference = [figure for figure, _ in brokers.get(base, [])]
            for name, found in brokers.items():
                figures = [figure for figure, _ in found]
                middle = statistics.median(figures)
                ratio = f"{middle / statistics.median(reference):.2f}" if reference else "-"
                cpu = statistics.median(cpu for _, cpu in found)
                spread = f"{min(figures):,.0f} - {max(figures):,.0f}"
                print(f"| {row:<34} | {name:<24} | {middle:>12,.0f} | {spread:>25} |", end="")
                print(f" {unit:<6} | {ratio:>6} | {cpu:>15.2f} |")


def measure(brokers: list[Broker], table: Table, rounds: int, megabytes: int) -> None:
    """Run every workload on every broker in turn; the first round is not kept."""
    for number in range(rounds + 1):
        for work in PRODUCE:
            for broker in brokers:
                found = run_round(broker, work, megabytes)
                if not number:
                    continue
                name = broker.name
                table.add(work.name, work.unit, name, found.figure, found.cpu_per_million)
                if found.fetch_mb_s:
                    row = work.name.replace("produce", "fetch")
                    table.add(row, "MB/s", name, found.fetch_mb_s)
        if number:
            table.add("control: fresh memory", "MB/s", "-", fresh_memory_mb_s())


def main() -> None:
    """Start the brokers, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--quick", action="store_true", help="one short round")
    given = parser.parse_args()
    rounds, megabytes = (1, 50) if given.quick else (given.rounds, given.megabytes)
    table = Table()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        where = Path(folder)
        brokers = [
            stack.enter_context(kafka(where / "kafka")),
            stack.enter_context(ours(where / "os", "os")),
            stack.enter_context(ours(where / "fsync", "fsync")),
            stack.enter_context(kafka(where / "kafka-flush", log_flush_interval_messages="1")),
        ]
        brokers[3].name = "Kafka (flush each)"
        for broker in brokers:
            table.add("start to ready", "ms", broker.name, broker.ready_ms)
            table.add("resident, idle", "MB", broker.name, broker.resident_mb())
        measure(brokers, table, rounds, megabytes)
        for broker in brokers:
            table.add("resident, after load", "MB", broker.name, broker.resident_mb())
    print(f"{platform.platform()}, Python {platform.python_version()}, rounds {rounds}")
    table.print("Kafka")


if __name__ == "__main__":
    main()
