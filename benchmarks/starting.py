"""Rows about a broker that does nothing yet: start to ready, and resident memory."""

import shutil
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from benchmarks.brokers import Broker, kafka, ours
from benchmarks.report import BASE, OURS, Better, Row, Sample, Target

SETTLED_AFTER_S = 1.0
START_MS, IDLE_MB, LOADED_MB = 150, 40, 120

Start = Callable[[Path], AbstractContextManager[Broker]]


def start_rows(folder: Path, is_quick: bool) -> list[Row]:
    """Start our broker ten times (by module and by command) and Kafka three times."""
    times = 3 if is_quick else 10
    rows = [
        starts("start to ready, python -m kafkacompat", folder, lambda at: ours(at, "fsync"), times)
    ]
    found = shutil.which("kafkacompat", path=str(Path(sys.executable).parent))
    if found is not None:
        command = (found,)
        by_command: Start = lambda at: ours(at, "fsync", command=command)  # noqa: E731
        rows.append(starts("start to ready, kafkacompat", folder, by_command, times))
    base = starts("", folder, kafka, 1 if is_quick else 3, BASE)
    for row in rows:
        row.samples[BASE] = base.samples[BASE]
    return rows


def starts(name: str, folder: Path, start: Start, times: int, broker: str = OURS) -> Row:
    """Start a broker some times on the same folder, which the first start made.

    The first is not counted: it makes the folder, and reads code that no one has read.
    """
    row = Row(name, "ms", Better.LESS, Target(bound=START_MS))
    where = folder / f"start-{time.time_ns()}"
    for number in range(times + 1):
        with start(where) as running:
            if number or broker == BASE:
                row.add(broker, Sample(running.ready_ms))
    return row


def resident_row(name: str, brokers: list[Broker], at_most_mb: float | None) -> Row:
    """Return the memory that brokers hold now."""
    target = Target(bound=at_most_mb) if at_most_mb is not None else None
    row = Row(name, "MB", Better.LESS, target)
    for broker in brokers:
        row.add(broker.name, Sample(broker.resident_mb()))
    return row


def idle_row(brokers: list[Broker]) -> Row:
    """Return the memory of brokers that nobody has asked anything so far."""
    time.sleep(SETTLED_AFTER_S)
    return resident_row("resident, idle", brokers, IDLE_MB)


def loaded_row(brokers: list[Broker]) -> Row:
    """Return the memory of brokers after the work."""
    return resident_row("resident, after load", brokers, LOADED_MB)
