"""Steps that brokers go through one after the other, and the rows that they fill."""

import shutil
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import generator
from benchmarks.brokers import Broker, BrokerError
from benchmarks.generator import LoadError, Measured, Topic
from benchmarks.machine import calm_disk
from benchmarks.report import Better, Row, Sample, Target
from benchmarks.rounds import sample_of, say
from benchmarks.workloads import TOPIC
from kafkacompat_protocol.errors import KafkaError

FILL_PATIENCE_S = 1800.0
BATCH_BYTES = 100 * 1024
FILL = ("--record-bytes", "1024", "--records-per-batch", "100", "--window", "8", "--acks", "-1")

Start = Callable[[Path], AbstractContextManager[Broker]]


@dataclass(slots=True)
class Story:
    """Rows that fill while brokers go through the same steps, one broker after the other."""

    prefix: str
    rows: dict[str, Row] = field(default_factory=dict)

    def figure(
        self,
        broker: str,
        name: str,
        unit: str,
        value: float,
        *,
        better: Better = Better.LESS,
        target: Target | None = None,
    ) -> None:
        """Keep one figure of one broker."""
        say(f"{self.prefix}: {name}: {broker} {value:,.2f} {unit}")
        row = Row(f"{self.prefix}: {name}", unit, better, target)
        self.rows.setdefault(name, row).add(broker, Sample(value))

    def rate(
        self, broker: str, name: str, measured: Measured, target: Target | None = None
    ) -> None:
        """Keep the MB/s of a run, with its CPU."""
        moved = measured.bytes / 1e6 / measured.seconds
        self.figure(broker, name, "MB/s", moved, better=Better.MORE, target=target)
        self.rows[name].samples[broker][-1] = sample_of(measured, moved)

    def failed(self, broker: str, error: Exception) -> None:
        """Note in all rows that a broker did not get to the end."""
        say(f"{self.prefix}: {broker}: {error}")
        row = Row(f"{self.prefix}: all steps", "", Better.NEITHER)
        for found in [*self.rows.values(), self.rows.setdefault("all steps", row)]:
            found.notes.setdefault(broker, f"failed: {error}")


Steps = Callable[[Story, Start, Path], None]


def tell(
    story: Story,
    folder: Path,
    brokers: dict[str, Start],
    steps: Steps,
) -> list[Row]:
    """Let each broker go through the steps on a folder of its own, and return the rows."""
    for name, start in brokers.items():
        where = folder / f"{name}-{time.time_ns()}"
        try:
            steps(story, start, where)
        except (LoadError, BrokerError, KafkaError, OSError) as error:
            story.failed(name, error)
        shutil.rmtree(where, ignore_errors=True)
        calm_disk()
    return list(story.rows.values())


def fill(broker: Broker, topic: Topic, size: float) -> Measured:
    """Produce so many bytes of 1 KB records."""
    requests = ("--requests", str(max(8, int(size / BATCH_BYTES))))
    arguments = topic.filled_in(("produce", *TOPIC, *FILL, *requests))
    return generator.generate(broker, *arguments, patience_s=FILL_PATIENCE_S)
