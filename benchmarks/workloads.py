"""What is measured: each row as data. `quick` sizes are a fraction of the full ones.

A workload is one thing to run in turn on all brokers; each of its figures is a row of the table.
The sizes are chosen so that a round takes one to five seconds and writes at most 300 MB.
"""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.generator import IdleLoad, Load, Measured, Run
from benchmarks.kafka_tools import ConsumerPerfTest, ProducerPerfTest
from benchmarks.report import Better, Target

MEGABYTE = 1_000_000
ROUND_BYTES = 250 * MEGABYTE
IN_FLIGHT = 8
SIZES = {"100 B": (100, 1000), "1 KB": (1024, 100), "100 KB": (102_400, 1)}
"""Name of a record size: its bytes, and how many records make a batch of about 100 KB."""

Words = tuple[str, ...]
TOPIC: Words = ("--topic", "{topic}", "--partitions", "{partitions}")
TOPICS: Words = (*TOPIC, "--topics", "{topics}")

READINGS: dict[str, tuple[Better, Callable[[Measured], float]]] = {
    "msg/s": (Better.MORE, lambda m: m.records / m.seconds),
    "req/s": (Better.MORE, lambda m: m.requests / m.seconds),
    "MB/s": (Better.MORE, lambda m: m.bytes / MEGABYTE / m.seconds),
    "p50 ms": (Better.LESS, lambda m: m.latency_ms["p50"]),
    "p99 ms": (Better.LESS, lambda m: m.latency_ms["p99"]),
    "p99.9 ms": (Better.LESS, lambda m: m.latency_ms["p999"]),
    "s": (Better.LESS, lambda m: m.seconds),
    "% of a core": (Better.LESS, lambda m: m.extra["percent of a core"]),
    "most resident MB": (Better.LESS, lambda m: m.extra["resident MB"]),
}
"""What can be read off a run, by unit."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One row that a workload yields."""

    unit: str
    target: Target | None = None

    def read(self, measured: Measured) -> float:
        """Return the figure of one run."""
        return READINGS[self.unit][1](measured)

    @property
    def better(self) -> Better:
        """Which way it is better."""
        return READINGS[self.unit][0]


@dataclass(frozen=True, slots=True)
class Workload:
    """Something to run on all brokers in turn, and the rows it yields.

    `fill` is run once on each broker before the first round, on a topic that all rounds then
    share; without it each round has a topic of its own, unless `shares_topic`. `rounds` overrides
    how many are counted, `warm_up` whether one is run before them and thrown away.
    """

    name: str
    run: Run
    figures: tuple[Figure, ...]
    partitions: int = 4
    topics: int = 1
    fill: Load | None = None
    shares_topic: bool = False
    rounds: int | None = None
    warm_up: bool = True
    tansu: bool = False
    quick: bool = True

    @property
    def has_one_topic(self) -> bool:
        """Whether all rounds on a broker share a topic."""
        return self.shares_topic or self.fill is not None


def figures(
    unit: str, ratio: float | None = None, bound: float | None = None
) -> tuple[Figure, ...]:
    """Return one figure with its target, if it has one."""
    has_target = ratio is not None or bound is not None
    return (Figure(unit, Target(ratio, bound) if has_target else None),)


@dataclass(frozen=True, slots=True)
class Scale:
    """How much of the full size a run has."""

    share: float = 1.0

    def count(self, full: int, least: int = 1) -> str:
        """Return a number of things, as an argument."""
        return str(max(least, int(full * self.share)))

    def requests(self, bytes_each: int) -> str:
        """Return how many requests of a size make one round's data."""
        return self.count(ROUND_BYTES // bytes_each, 8)

    def seconds(self, full: int) -> str:
        """Return a duration, at least two seconds."""
        return self.count(full, 2)


def produce(scale: Scale, size: str, *more: str) -> Load:
    """Return a run that produces batches of about 100 KB."""
    each, batch = SIZES[size]
    arguments: Words = ("--record-bytes", str(each), "--records-per-batch", str(batch))
    arguments += ("--requests", scale.requests(each * batch), "--window", str(IN_FLIGHT))
    return Load(("produce", *TOPIC, *arguments, "--acks", "-1", *more))


def single(scale: Scale, requests: int, window: int) -> Load:
    """Return a run that produces one record a request, in turn to every partition."""
    arguments: Words = ("--record-bytes", "100", "--records-per-batch", "1")
    arguments += ("--requests", scale.count(requests), "--window", str(window), "--acks", "-1")
    return Load(("produce", *TOPICS, *arguments))


def librdkafka(scale: Scale, records: int, record_bytes: int, *more: str) -> Load:
    """Return a run of librdkafka's producer."""
    arguments: Words = ("--record-bytes", str(record_bytes), "--records", scale.count(records))
    return Load(("librdkafka-produce", *TOPICS, *arguments, *more))


def batched(scale: Scale) -> list[Workload]:
    """Produce and consume, in batches."""
    asked = {"100 B": ("msg/s", 1.1, 1.1), "1 KB": ("MB/s", 1.5, 1.1), "100 KB": ("MB/s", 1.2, 1.2)}
    rows = []
    for size, (unit, least, _) in asked.items():
        run = produce(scale, size)
        rows.append(Workload(f"produce {size}", run, figures(unit, least), tansu=True))
    for size, (unit, _, least) in asked.items():
        run = Load(("consume", *TOPIC))
        fill = produce(scale, size)
        name = f"consume {size}, from disk"
        rows.append(Workload(name, run, figures(unit, least), fill=fill, tansu=True))
    for size, (_, _, least) in asked.items():
        rows.append(at_the_tail(scale, size, least))
    return rows


def at_the_tail(scale: Scale, size: str, least: float) -> Workload:
    """One consumer at the end of the log, beside a producer at full speed."""
    each, batch = SIZES[size]
    arguments: Words = ("--consumers", "1", "--flat-out", "--megabytes", scale.count(200))
    arguments += ("--record-bytes", str(each), "--records-per-batch", str(batch))
    run = Load(("tail", *TOPIC, *arguments))
    name = f"consume {size}, at the tail"
    return Workload(name, run, figures("MB/s", least), quick=size == "1 KB")


def requests(scale: Scale) -> list[Workload]:
    """One record a request, and many connections."""
    paced = ("--connections", "200", "--rate-per-connection", "5", "--record-bytes", "100")
    return [
        Workload(
            "one record a request, pipelined",
            single(scale, 60_000, 500),
            figures("req/s", 5),
            tansu=True,
        ),
        Workload(
            "one record a request, one in flight",
            single(scale, 16_000, 1),
            (*figures("req/s", 1.3), Figure("p99 ms")),
            tansu=True,
        ),
        Workload(
            "200 connections, 5 records/s each",
            Load(("paced", *TOPIC, *paced, "--seconds", scale.seconds(4))),
            (Figure("p50 ms"), *figures("p99 ms", 0.5)),
            tansu=True,
        ),
    ]


def tails(scale: Scale) -> list[Workload]:
    """Latency from producer to consumer, and many consumers of the same records."""
    seconds = ("--seconds", scale.seconds(4))
    small = (*TOPIC, "--record-bytes", "100", *seconds)
    latencies = (Figure("p50 ms"), Figure("p99 ms", Target(0.5)), Figure("p99.9 ms"))
    rows = []
    for rate in (1000, 10_000):
        run = Load(("tail", *small, "--consumers", "1", "--rate", str(rate)))
        name = f"end to end at {rate:,} records/s"
        rows.append(Workload(name, run, latencies, tansu=rate == 1000))
    run = Load(("tail", *small, "--consumers", "50", "--rate", "200"))
    rows.append(Workload("50 consumers at the tail, 200 records/s", run, latencies[:2]))
    flat = ("--consumers", "50", "--flat-out", "--megabytes", scale.count(10, 4))
    run = Load(("tail", *TOPIC, *flat, "--record-bytes", "1024", "--records-per-batch", "100"))
    rows.append(Workload("50 consumers at the tail, flat out", run, figures("MB/s", 1.1)))
    return rows


def codecs(scale: Scale) -> list[Workload]:
    """Batches of text that the producer compressed and the broker keeps as they are."""
    return [
        Workload(
            f"produce 1 KB, {codec}",
            produce(scale, "1 KB", "--codec", codec),
            figures("MB/s", 1),
            quick=codec == "lz4",
        )
        for codec in ("gzip", "snappy", "lz4", "zstd")
    ]


def spread(scale: Scale, ratio: float, *, buffered: int, single_records: int) -> list[Workload]:
    """Records round robin over many partitions, from librdkafka and as single frames.

    So many records go over 200 partitions; over 1,000 topics go fewer, which take as long.
    """
    rows = []
    for name, partitions, topics, part in [
        ("200 partitions", 200, 1, 1),
        ("1,000 topics", 1, 1000, 4),
    ]:
        runs = {
            "librdkafka, linger 5 ms": librdkafka(
                scale, buffered // part, 100, "--round-robin", "--linger-ms", "5"
            ),
            "a record a request": single(scale, single_records // part, 500),
        }
        rows += [
            Workload(
                f"{name}, {client}",
                run,
                (Figure("msg/s", Target(ratio) if topics == 1 else None),),
                partitions=partitions,
                topics=topics,
                shares_topic=True,
                rounds=None if topics == 1 else 2,
                quick=topics == 1 and client == "a record a request",
            )
            for client, run in runs.items()
        ]
    return rows


def clients(scale: Scale) -> list[Workload]:
    """The clients that people use; they are likely to be the limit."""
    return [
        Workload(
            "librdkafka produces 100 B",
            librdkafka(scale, 2_000_000, 100),
            figures("msg/s", 1.1),
            quick=False,
        ),
        Workload(
            "librdkafka produces 1 KB",
            librdkafka(scale, 250_000, 1024),
            figures("MB/s", 1.5),
            quick=False,
        ),
        Workload(
            "librdkafka consumes 100 B",
            Load(("librdkafka-consume", "--topic", "{topic}")),
            figures("msg/s", 1.1),
            fill=produce(Scale(), "100 B"),
            quick=False,
        ),
        Workload(
            "kafka-producer-perf-test 1 KB",
            ProducerPerfTest(records=200_000, record_bytes=1024),
            figures("MB/s", 1),
            rounds=2,
            warm_up=False,
            quick=False,
        ),
        Workload(
            "kafka-consumer-perf-test 1 KB",
            ConsumerPerfTest(records=200_000),
            figures("MB/s", 1),
            fill=produce(Scale(), "1 KB"),
            rounds=2,
            warm_up=False,
            quick=False,
        ),
    ]


def groups(scale: Scale) -> list[Workload]:
    """Consumer groups: joining, committing, doing nothing."""
    join = ("join", "--group", "{group}", "--members", "100", "--topic", "{topic}")
    join += ("--heartbeat-ms", "10")
    commit = ("commit", "--group", "{group}", *TOPIC, "--window", "100")
    idle = ("idle", "--group", "{group}", "--consumers", "100", *TOPIC, "--seconds", "40")
    return [
        Workload("a group of 100 members joins", Load(join), figures("s", 1), shares_topic=True),
        Workload(
            "offset commits",
            Load((*commit, "--count", scale.count(10_000))),
            (*figures("req/s", 1, bound=10_000), Figure("p99 ms")),
            shares_topic=True,
        ),
        Workload(
            "100 idle consumers",
            IdleLoad(idle, seconds=10 if scale.share == 1 else 3),
            figures("% of a core", bound=1),
            rounds=1,
            warm_up=False,
        ),
    ]


def before_all(scale: Scale) -> list[Workload]:
    """Work that is not measured, before all rows."""
    return [
        Workload("batches", produce(scale, "1 KB"), ()),
        Workload("single records", single(scale, 20_000, 500), ()),
        Workload("groups", Load(("commit", "--group", "{group}", *TOPIC, "--count", "1000")), ()),
    ]


def unsynced(scale: Scale) -> list[Workload]:
    """All rows where an answer means the page cache has it."""
    parts = [batched, requests, tails, codecs]
    rows = [row for part in parts for row in part(scale)]
    return [
        *rows,
        *spread(scale, 5, buffered=120_000, single_records=20_000),
        *clients(scale),
        *groups(scale),
    ]


def synced(scale: Scale) -> list[Workload]:
    """All rows where an answer means the disk has it."""
    units = {"100 B": "msg/s", "1 KB": "MB/s", "100 KB": "MB/s"}
    rows = [
        Workload(f"produce {size}", produce(scale, size), figures(unit, 1))
        for size, unit in units.items()
    ]
    rows += [
        Workload(
            "one record a request, pipelined", single(scale, 8_000, 500), figures("req/s", 10)
        ),
        Workload(
            "one record a request, one in flight",
            single(scale, 4_000, 1),
            (*figures("req/s", 1.3), Figure("p99 ms")),
        ),
        *spread(scale, 8, buffered=60_000, single_records=8_000),
    ]
    return rows
