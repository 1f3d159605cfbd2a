"""Broker keys of compaction; those of a topic are in topics.py."""

from kafkacompat.config.rows import (
    ConfigType,
    Kind,
    Scope,
    Update,
    boolean,
    double,
    key,
    long,
    whole,
)

CLUSTER = Update.CLUSTER_WIDE
BROKER = Scope.BROKER


def _java(value: float) -> str:
    """Return a number as Java writes it."""
    return str(value).replace("e+", "E")


LOG_CLEANER_ENABLE = key(
    "log.cleaner.enable", boolean(), True, BROKER, "Whether compacted topics are compacted."
)
LOG_CLEANER_THREADS = key(
    "log.cleaner.threads",
    whole(0),
    1,
    BROKER,
    "How many partitions are compacted at once, each by a process of its own.",
    update=CLUSTER,
)
LOG_CLEANER_DEDUPE_BUFFER = key(
    "log.cleaner.dedupe.buffer.size",
    long(0),
    134_217_728,
    BROKER,
    "Memory for the keys of all partitions that are compacted at once, in bytes; a key takes 176.",
    update=CLUSTER,
)
LOG_CLEANER_LOAD_FACTOR = key(
    "log.cleaner.io.buffer.load.factor",
    double(0.0, float("inf")),
    0.9,
    BROKER,
    "How much of log.cleaner.dedupe.buffer.size may be used.",
    update=CLUSTER,
)
LOG_CLEANER_BYTES_PER_SECOND = key(
    "log.cleaner.io.max.bytes.per.second",
    Kind(ConfigType.DOUBLE, double(0.0, float("inf")).parse, _java),
    1.7976931348623157e308,
    BROKER,
    "Bytes that compaction reads and writes in a second, all partitions together.",
    update=CLUSTER,
)
LOG_CLEANER_BACKOFF_MS = key(
    "log.cleaner.backoff.ms",
    long(0),
    15_000,
    BROKER,
    "How long compaction rests when there is nothing to compact.",
    update=CLUSTER,
)
