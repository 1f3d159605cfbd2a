"""Compare this broker with Apache Kafka on the same machine.

    python -m benchmarks [--quick] [--rounds 3] [--only TEXT] [--long] [--write]

Rows appear on stdout as they are complete, and the whole table at the end; progress goes to stderr.
All figures go to `.cache/bench/` as JSON, and with --write the table to `docs/`.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import click

from benchmarks import generator, machine, report, starting, workloads
from benchmarks.brokers import KAFKA_VERSION, ROOT, Broker, BrokerError, kafka, ours
from benchmarks.long import long_rows
from benchmarks.pages import LONG_READING, LONG_TITLE, READING, TITLE
from benchmarks.report import MACHINE, OTHER, Better, Row, Sample
from benchmarks.rounds import Plan, measure, run_round, say
from benchmarks.tansu import tansu, version
from benchmarks.workloads import Scale, Workload

RESULTS = ROOT / ".cache" / "bench"
QUICK_SHARE = 0.2
HURRY_AFTER_S = 23 * 60.0
"""The whole of `make bench` is to end within 35 minutes, its builds included."""


class Results:
    """The rows so far; each is printed when it is complete."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.control = Row("control: fresh memory", "MB/s", Better.NEITHER)
        print(report.HEADER, flush=True)

    def add(self, rows: list[Row]) -> None:
        """Keep complete rows, print them, and measure the control once."""
        self.rows += rows
        for row in rows:
            print(row.markdown(), flush=True)
        self.control.add(MACHINE, Sample(machine.fresh_memory_mb_s()))


def run_group(
    results: Results,
    plan: Plan,
    todo: list[Workload],
    pair: list[Callable[[], AbstractContextManager[Broker]]],
    with_tansu: Path | None = None,
) -> None:
    """Start two brokers, run workloads on them in turn, and stop them.

    tansu, where it takes part, is started for each workload: it frees no memory.
    """
    todo = [workload for workload in todo if plan.takes(workload)]
    is_whole = not plan.only
    if not todo:
        return
    with ExitStack() as stack:
        brokers = [stack.enter_context(start()) for start in pair]
        if is_whole:
            results.add([named(starting.idle_row(brokers), plan)])
        warm_up(brokers, plan)
        for workload in todo:
            with ExitStack() as third:
                taking_part = list(brokers)
                note = ""
                if workload.tansu and with_tansu is not None:
                    try:
                        taking_part.append(third.enter_context(tansu(with_tansu)))
                    except BrokerError as error:
                        note = str(error)
                rows = measure(workload, taking_part, plan)
                if note:
                    for row in rows:
                        row.notes[OTHER] = note
                results.add(rows)
        if is_whole:
            results.add([named(starting.loaded_row(brokers), plan)])


def warm_up(brokers: list[Broker], plan: Plan) -> None:
    """Let a JVM compile what every row uses, before the first row throws its own round away."""
    for workload in workloads.before_all(Scale(QUICK_SHARE if plan.is_quick else 1.0)):
        for broker in brokers:
            say(f"warming up {broker.name}: {workload.name}")
            run_round(workload, broker, None)


def named(row: Row, plan: Plan) -> Row:
    """Add to a row's name what all rows of a group are called."""
    row.name += plan.suffix
    return row


def usual(results: Results, plan: Plan, folder: Path) -> None:
    """Run the rows of `make bench`."""
    scale = Scale(QUICK_SHARE if plan.is_quick else 1.0)
    if plan.only in "start to ready":
        results.add(starting.start_rows(folder, plan.is_quick))
    run_group(
        results,
        plan,
        workloads.unsynced(scale),
        [lambda: kafka(folder / "kafka"), lambda: ours(folder / "os", "os")],
        None if plan.is_quick else folder / "tansu",
    )
    plan.suffix = ", fsync"
    run_group(
        results,
        plan,
        workloads.synced(scale),
        [
            lambda: kafka(folder / "kafka-flush", log_flush_interval_messages="1"),
            lambda: ours(folder / "fsync", "fsync"),
        ],
    )


def facts(folder: Path, plan: Plan, seconds: float, command: str) -> dict[str, str]:
    """Return what a reader of the page has to know about the run."""
    found = machine.describe(folder, ROOT)
    found["Apache Kafka"] = KAFKA_VERSION
    try:
        found["tansu"] = version()
    except BrokerError as error:
        found["tansu"] = str(error)
    found["Rounds"] = f"{plan.rounds}" + (", fewer near the end" if plan.is_hurried else "")
    found["Took"] = f"{seconds / 60:.0f} minutes"
    found["Command"] = f"`{command}`"
    return found


def save(name: str, about: dict[str, str], results: Results) -> Path:
    """Write everything as JSON and return where."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}-{time.strftime('%Y%m%dT%H%M%S')}.json"
    path.write_text(json.dumps({"facts": about, "rows": report.raw(results.rows)}, indent=1))
    return path


@click.command()
@click.option("--quick", is_flag=True, help="One round of a fraction of the size.")
@click.option("--rounds", type=click.IntRange(1, 100), default=3, show_default=True)
@click.option("--only", default="", metavar="TEXT", help="Rows whose names have this in them.")
@click.option("--long", "is_long", is_flag=True, help="The long rows, one round each.")
@click.option("--write", is_flag=True, help="Write the page in docs/.")
@click.option("--scale", type=click.FloatRange(0.001, 1), default=1.0, help="Size of long rows.")
def main(quick: bool, rounds: int, only: str, is_long: bool, write: bool, scale: float) -> None:
    """Compare this broker with Apache Kafka on the same machine."""
    if not generator.is_built():
        sys.exit("the load generator is not built: run `make bench`, or cargo build --release")
    machine.raise_file_limit()
    began = time.monotonic()
    plan = Plan(1 if quick or is_long else rounds, began + HURRY_AFTER_S, only, quick)
    results = Results()
    # Not /tmp, which is memory on some machines.
    RESULTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=RESULTS) as name:
        folder = Path(name)
        if is_long:
            for rows in long_rows(folder, only, scale):
                results.add(rows)
        else:
            usual(results, plan, folder)
        command = "make bench-long" if is_long else "make bench"
        about = facts(folder, plan, time.monotonic() - began, command)
    results.rows.append(results.control)
    title, reading = (LONG_TITLE, LONG_READING) if is_long else (TITLE, READING)
    page = report.document(title, about, results.rows, reading)
    print(f"\n{page}")
    say(f"raw figures: {save('long' if is_long else 'bench', about, results)}")
    if write and not quick and not only:
        target = ROOT / "docs" / ("performance-long.md" if is_long else "performance.md")
        target.write_text(page)
        say(f"written: {target}")
    if any(row.notes.get(report.OURS) for row in results.rows):
        sys.exit("kafkacompat failed in some rows")


if __name__ == "__main__":
    main()
