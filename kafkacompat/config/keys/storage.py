"""Broker keys of storage, topics and transactions."""

from kafkacompat.config import profiles
from kafkacompat.config.rows import (
    Scope,
    Update,
    boolean,
    key,
    long,
    one_of,
    whole,
    words,
)

CLUSTER = Update.CLUSTER_WIDE
BROKER = Scope.BROKER

LOG_DIRS = key(
    "log.dirs", words(), ("data",), BROKER, "Folders for data.", broker_synonym="log.dir"
)
DURABILITY = key(
    "kafkacompat.durability",
    one_of("fsync", "os", "memory"),
    "fsync",
    BROKER,
    "What durable means: synced to disk, written to the operating system, or kept in memory.",
)
IDLE_POLL_US = key(
    "kafkacompat.idle.poll.us",
    whole(0, 1000),
    100,
    BROKER,
    "Microseconds for which to look for the next request before sleeping, where requests follow"
    " each other that closely. 0 saves the processor's time and costs latency.",
)
AS_VERSION = key(
    profiles.AS_VERSION,
    one_of(profiles.LAST, *profiles.PROFILES),
    profiles.LAST,
    BROKER,
    "The release of Apache Kafka to pass for: its versions of requests, its features and defaults."
    " For tests.",
)
NUM_PARTITIONS = key(
    "num.partitions", whole(1), 1, BROKER, "Partitions of a topic that is made without a number."
)
DEFAULT_REPLICATION_FACTOR = key(
    "default.replication.factor", whole(1), 1, BROKER, "Replicas of an automatically made topic."
)
AUTO_CREATE_TOPICS = key(
    "auto.create.topics.enable",
    boolean(),
    True,
    BROKER,
    "Whether asking for a topic's metadata can make it.",
)
DELETE_TOPIC_ENABLE = key(
    "delete.topic.enable", boolean(), True, BROKER, "Whether topics can be deleted."
)
MAX_PARTITIONS_PER_TOPIC = key(
    "kafkacompat.max.partitions.per.topic",
    whole(1),
    10_000,
    BROKER,
    "Partitions that one topic may have at most.",
)
LOG_FLUSH_OFFSET_CHECKPOINT_INTERVAL_MS = key(
    "log.flush.offset.checkpoint.interval.ms",
    whole(0),
    60_000,
    BROKER,
    "How often recovery points are written.",
)
LOG_RETENTION_CHECK_INTERVAL_MS = key(
    "log.retention.check.interval.ms",
    long(1),
    300_000,
    BROKER,
    "How often old segments are looked for.",
)
METADATA_SNAPSHOT_BYTES = key(
    "metadata.log.max.record.bytes.between.snapshots",
    long(1),
    20 << 20,
    BROKER,
    "Bytes of metadata records after which a snapshot is written.",
)
PRODUCER_ID_EXPIRATION_MS = key(
    "producer.id.expiration.ms",
    whole(1),
    86_400_000,
    BROKER,
    "How long a silent producer's sequence numbers are remembered.",
    update=CLUSTER,
)
