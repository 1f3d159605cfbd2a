"""The rows that take long: many partitions, recovery, deep logs, many connections.

One round each. Brokers run one after the other, each on a folder of its own that is removed before
the next starts, except where a row compares latencies.
"""

import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from benchmarks import generator, lifecycle
from benchmarks.brokers import Broker, BrokerError, kafka, ours
from benchmarks.generator import Load, LoadError, Measured, SlowReaderLoad, Topic
from benchmarks.machine import calm_disk
from benchmarks.metadata import ask_for_all
from benchmarks.report import BASE, OURS, Better, Row, Target
from benchmarks.rounds import Plan, measure
from benchmarks.story import FILL_PATIENCE_S, Start, Steps, Story, fill, tell
from benchmarks.workloads import TOPIC, TOPICS, Figure, Scale, Workload

GIGABYTE = 1_000_000_000
FREE_GB = 25
LED_WITHIN_S = 60.0

BROKERS: dict[str, Start] = {BASE: kafka, OURS: lambda at: ours(at, "os")}
RECOVERING_KAFKA = partial(
    kafka, broker_session_timeout_ms="1000", broker_heartbeat_interval_ms="200"
)
"""With Kafka's own 9 s, a killed broker waits that long until its old session ends."""
RECOVERED: dict[str, Start] = {BASE: RECOVERING_KAFKA, OURS: lambda at: ours(at, "os")}
RECOVERED_SYNCED: dict[str, Start] = {BASE: RECOVERING_KAFKA, OURS: lambda at: ours(at, "fsync")}


def long_rows(folder: Path, only: str, scale: float) -> Iterator[list[Row]]:
    """Run everything whose name has `only` in it; `scale` makes it smaller for a trial."""
    stories: list[tuple[str, dict[str, Start], Steps]] = [
        ("10,000 partitions", BROKERS, partial(many_partitions, scale=scale)),
        ("recovery of 2 GB, 1 partition", RECOVERED, partial(recovery, partitions=1, scale=scale)),
        ("recovery of 2 GB, 4 partitions", RECOVERED, partial(recovery, partitions=4, scale=scale)),
        ("recovery of 2 GB, fsync", RECOVERED_SYNCED, partial(recovery, partitions=4, scale=scale)),
        ("deep log", BROKERS, partial(deep_log, scale=scale)),
    ]
    stories += [
        (name, lifecycle.BROKERS, partial(steps, scale=scale))
        for name, steps in lifecycle.STORIES.items()
    ]
    if only in "2,000 connections":
        yield many_connections(folder, scale)
    for name, brokers, steps in stories:
        if only in name:
            yield tell(Story(name), folder, brokers, steps)


def many_connections(folder: Path, scale: float) -> list[Row]:
    """2,000 connections with five records a second each: the target is half of Kafka's p99."""
    count = str(max(20, int(2000 * scale)))
    paced = ("--connections", count, "--rate-per-connection", "5", "--record-bytes", "100")
    workload = Workload(
        "2,000 connections, 5 records/s each",
        Load(("paced", *TOPIC, *paced, "--seconds", "15")),
        (Figure("p50 ms"), Figure("p99 ms", Target(0.5)), Figure("p99.9 ms")),
    )
    with ExitStack() as stack:
        brokers = [
            stack.enter_context(start(folder / f"many-{name}")) for name, start in BROKERS.items()
        ]
        return measure(workload, brokers, Plan(1, float("inf")))


def many_partitions(story: Story, start: Start, where: Path, scale: float) -> None:
    """Create 10,000 partitions, ask for all, write to all, stop, start again."""
    topic = Topic("many", 100, max(1, int(100 * scale)))
    rounds_of_all = ("--requests", str(2 * topic.partitions * topic.topics), "--window", "200")
    single = ("--record-bytes", "100", "--records-per-batch", "1", "--acks", "-1")
    with start(where) as broker:
        name = broker.name
        took = generator.create(broker, topic)
        story.figure(name, "create", "s", took.seconds, target=Target(1))
        metadata(story, broker, "Metadata for all", topic)
        spread = topic.filled_in(("produce", *TOPICS, *single, *rounds_of_all))
        done = generator.generate(broker, *spread, patience_s=FILL_PATIENCE_S)
        over_all(story, broker, "produce over all", done)
        few = Topic("few", 4)
        generator.create(broker, few)
        done = once_led(broker, few.filled_in(("produce", *TOPICS, *single, *rounds_of_all)))
        over_all(story, broker, "produce over 4 of them", done)
        story.figure(name, "open descriptors", "", broker.descriptors(), target=Target(bound=2000))
        story.figure(name, "resident", "MB", broker.resident_mb(), target=Target(bound=200))
        story.figure(name, "clean stop", "s", broker.end(signal.SIGTERM))
    with start(where) as broker:
        ready_s = broker.ready_ms / 1000
        story.figure(name, "start to ready", "s", ready_s, target=Target(bound=1))
        metadata(story, broker, "Metadata for all after the start", topic)
        again = once_led(broker, spread)
        over_all(story, broker, "produce over all after the start", again)
        after = broker.resident_mb()
        story.figure(name, "resident after the start", "MB", after, target=Target(bound=200))


def over_all(story: Story, broker: Broker, row: str, measured: Measured) -> None:
    """Keep the requests a second of a run over all partitions."""
    rate = measured.requests / measured.seconds
    story.figure(broker.name, row, "req/s", rate, better=Better.MORE, target=Target(1))


def metadata(story: Story, broker: Broker, row: str, topic: Topic) -> None:
    """Ask for every topic, three times; keep the median.

    Errors: LoadError when partitions are missing.
    """
    answers = [ask_for_all(broker) for _ in range(3)]
    if any(count < topic.partitions * topic.topics for _, count in answers):
        raise LoadError(f"{row}: only {answers[0][1]} partitions")
    middle = sorted(measured.seconds for measured, _ in answers)[1]
    story.figure(broker.name, row, "ms", middle * 1000, target=Target(1))


def recovery(story: Story, start: Start, where: Path, partitions: int, scale: float) -> None:
    """Write 2 GB, kill the broker, and start it again."""
    topic = Topic("recovered", partitions)
    with start(where) as broker:
        generator.create(broker, topic)
        story.rate(broker.name, "write before it", fill(broker, topic, 2 * GIGABYTE * scale))
        broker.end(signal.SIGKILL)
    with start(where) as broker:
        ready_s = broker.ready_ms / 1000
        story.figure(broker.name, "start to ready after kill -9", "s", ready_s, target=Target(0.5))
        began = time.perf_counter()
        write_to_each(broker, topic)
        usable_s = ready_s + time.perf_counter() - began
        name = "start until every partition has taken a record"
        story.figure(broker.name, name, "s", usable_s, target=Target(0.5))
        consumed = generator.generate(
            broker, *topic.filled_in(("consume", *TOPIC)), patience_s=FILL_PATIENCE_S
        )
        story.rate(broker.name, "consume after it", consumed)


def write_to_each(broker: Broker, topic: Topic) -> None:
    """Write one record to each partition: a broker may put its recovery off until then."""
    single = ("--record-bytes", "100", "--records-per-batch", "1", "--acks", "-1")
    once = ("--requests", str(topic.partitions), "--window", str(topic.partitions))
    arguments = topic.filled_in(("produce", *TOPIC, *single, *once))
    once_led(broker, arguments)


def once_led(broker: Broker, arguments: list[str]) -> Measured:
    """Run the load generator as soon as it finds a leader for every partition.

    Kafka says that it has started before that.

    Errors: LoadError when there is none after a minute, or of the run itself.
    """
    give_up = time.monotonic() + LED_WITHIN_S
    while True:
        try:
            return generator.generate(broker, *arguments, patience_s=FILL_PATIENCE_S)
        except LoadError as error:
            if "no leader" not in str(error) or time.monotonic() > give_up:
                raise
            time.sleep(0.05)


def deep_log(story: Story, start: Start, where: Path, scale: float) -> None:
    """Measure after 1 GB and after 20 GB in one partition, then read it all, and slowly.

    Errors: BrokerError when the disk has less than 25 GB free.
    """
    where.mkdir(parents=True)
    free_gb = shutil.disk_usage(where).free / GIGABYTE
    if free_gb < FREE_GB * scale:
        raise BrokerError(f"{FREE_GB} GB of disk are needed, {free_gb:.0f} GB are free")
    topic = Topic("deep", 1)
    with start(where / "broker") as broker:
        generator.create(broker, topic)
        has = 0.0
        for gigabytes in (1, 20):
            fill(broker, topic, gigabytes * GIGABYTE * scale - has)
            calm_disk()
            after = fill(broker, topic, 0.3 * GIGABYTE * scale)
            story.rate(broker.name, f"produce 1 KB after {gigabytes} GB", after, Target(1.5))
            has = (gigabytes + 0.3) * GIGABYTE * scale
        consume = topic.filled_in(("consume", *TOPIC))
        consumed = generator.generate(broker, *consume, patience_s=FILL_PATIENCE_S)
        story.rate(broker.name, "consume 20 GB", consumed, Target(1.1))
        story.figure(broker.name, "resident after 20 GB", "MB", broker.resident_mb())
        slow_reader(story, broker, topic, Scale(scale))


def slow_reader(story: Story, broker: Broker, topic: Topic, scale: Scale) -> None:
    """Read slowly what is asked for in pieces of 50 MB, with a producer beside it."""
    slow = ("slow", *TOPIC, "--bytes-per-second", "2000000", "--seconds", scale.seconds(30))
    single = ("--record-bytes", "100", "--records-per-batch", "1", "--window", "1", "--acks", "-1")
    beside = ("produce", *TOPIC, *single, "--requests", scale.count(20_000, 100))
    measured = SlowReaderLoad(slow, beside).on(broker, topic)
    most = measured.extra["resident MB"]
    bound = Target(bound=200)
    story.figure(broker.name, "most resident with a slow reader", "MB", most, target=bound)
    p99 = measured.latency_ms["p99"]
    story.figure(broker.name, "p99 of a producer beside it", "ms", p99, target=Target(1))
