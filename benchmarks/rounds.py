"""Run a workload on brokers in turn, round by round, and keep the figures.

Brokers alternate (A B A B), so that what the machine does meets all alike; a first round is thrown
away. A round's topic is deleted after it, and the next begins when its files are gone and the disk
is calm.
"""

import sys
import time
from dataclasses import dataclass, field

from benchmarks import generator
from benchmarks.brokers import Broker
from benchmarks.generator import LoadError, Measured, Topic
from benchmarks.machine import calm_disk
from benchmarks.report import Row, Sample
from benchmarks.workloads import Workload

GONE_WITHIN_S = 10.0
BEGAN = time.monotonic()


@dataclass(slots=True)
class Plan:
    """How often to measure.

    After `hurry_at` (monotonic seconds) a workload gets one round, so that the whole ends in time.
    `only` and `is_quick` select workloads; `suffix` is added to their names.
    """

    rounds: int
    hurry_at: float
    only: str = ""
    is_quick: bool = False
    suffix: str = ""
    is_hurried: bool = field(default=False, init=False)

    def takes(self, workload: Workload) -> bool:
        """Whether a workload is to be run."""
        if self.is_quick and not workload.quick:
            return False
        return self.only in self.name(workload)

    def name(self, workload: Workload) -> str:
        """Return what its rows are called."""
        return workload.name + self.suffix

    def rounds_of(self, workload: Workload) -> tuple[int, int]:
        """Return how many rounds to throw away and how many to count."""
        warm_up = int(workload.warm_up)
        if self.is_quick:
            return warm_up, 1
        if time.monotonic() > self.hurry_at:
            self.is_hurried = True
            return warm_up, 1
        return warm_up, min(self.rounds, workload.rounds or self.rounds)


def measure(workload: Workload, brokers: list[Broker], plan: Plan) -> list[Row]:
    """Run a workload and return its rows. A broker that fails has a note in the place of figures.

    What a broker did before it failed is not kept.
    """
    rows = [
        Row(plan.name(workload), figure.unit, figure.better, figure.target)
        for figure in workload.figures
    ]
    shared: dict[str, Topic] = {}
    taking_part = list(brokers)
    thrown_away, counted = plan.rounds_of(workload)
    for number in range(-1, thrown_away + counted):
        for broker in list(taking_part):
            try:
                if number < 0:
                    prepare(workload, broker, shared)
                    continue
                measured = run_round(workload, broker, shared.get(broker.name))
            except (LoadError, OSError) as error:
                say(f"{plan.name(workload)}: {broker.name}: {error}")
                taking_part.remove(broker)
                for row in rows:
                    row.samples.pop(broker.name, None)
                    row.notes[broker.name] = f"failed: {error}"
                continue
            if number >= thrown_away:
                keep(workload, rows, broker, measured)
    for broker in brokers:
        if broker.name in shared:
            discard(broker, shared[broker.name])
    return rows


def keep(workload: Workload, rows: list[Row], broker: Broker, measured: Measured) -> None:
    """Add a round's figures to the rows of a workload."""
    for row, figure in zip(rows, workload.figures, strict=True):
        row.add(broker.name, sample_of(measured, figure.read(measured)))
        say(f"{row.name}: {broker.name} {row.figures(broker.name)[-1]:,.2f} {row.unit}")


def sample_of(measured: Measured, figure: float) -> Sample:
    """Return a figure with the CPU of the run it was read off."""
    return Sample(figure, measured.broker_cpu_per_million, measured.client_share)


def prepare(workload: Workload, broker: Broker, shared: dict[str, Topic]) -> None:
    """Make and fill the topic that all rounds on a broker share, where they do."""
    if not workload.has_one_topic:
        return
    topic = new_topic(workload)
    generator.create(broker, topic)
    shared[broker.name] = topic
    if workload.fill is not None:
        workload.fill.on(broker, topic)
        calm_disk()


def run_round(workload: Workload, broker: Broker, shared: Topic | None) -> Measured:
    """Run a workload once, on a topic of its own unless it shares one."""
    if shared is not None:
        return workload.run.on(broker, shared)
    topic = new_topic(workload)
    generator.create(broker, topic)
    try:
        return workload.run.on(broker, topic)
    finally:
        discard(broker, topic)


def new_topic(workload: Workload) -> Topic:
    """Name a topic that nobody has used."""
    return Topic(f"bench-{time.time_ns()}", workload.partitions, workload.topics)


def discard(broker: Broker, topic: Topic) -> None:
    """Delete a topic and wait until its files are gone and the disk is calm.

    A broker that cannot delete keeps it: that is said, and not an error.
    """
    try:
        generator.delete(broker, topic)
    except LoadError as error:
        say(f"{broker.name}: {error}")
        return
    give_up = time.monotonic() + GONE_WITHIN_S
    while broker.holds(topic.name) and time.monotonic() < give_up:
        time.sleep(0.05)
    calm_disk()


def say(text: str) -> None:
    """Tell on stderr how far it is, after the seconds since the first time."""
    print(f"{time.monotonic() - BEGAN:6.0f} s  {text}", file=sys.stderr, flush=True)
