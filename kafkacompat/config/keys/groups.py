"""Broker keys of groups and their offsets."""

from kafkacompat.config.rows import (
    Scope,
    key,
    long,
    short,
    whole,
)

INT_MAX = (1 << 31) - 1
BROKER = Scope.BROKER

GROUP_INITIAL_REBALANCE_DELAY_MS = key(
    "group.initial.rebalance.delay.ms",
    whole(0),
    3000,
    BROKER,
    "How long the first rebalance of an empty group waits for more members.",
)
GROUP_MIN_SESSION_TIMEOUT_MS = key(
    "group.min.session.timeout.ms", whole(0), 6000, BROKER, "The shortest session timeout accepted."
)
GROUP_MAX_SESSION_TIMEOUT_MS = key(
    "group.max.session.timeout.ms",
    whole(0),
    1_800_000,
    BROKER,
    "The longest session timeout accepted.",
)
GROUP_MAX_SIZE = key(
    "group.max.size", whole(1), INT_MAX, BROKER, "Members that one group may have."
)
OFFSETS_TOPIC_PARTITIONS = key(
    "offsets.topic.num.partitions",
    whole(1),
    50,
    BROKER,
    "Partitions of __consumer_offsets, fixed when it is made.",
)
OFFSETS_TOPIC_REPLICATION_FACTOR = key(
    "offsets.topic.replication.factor",
    short(1),
    1,
    BROKER,
    "Replicas of __consumer_offsets. At most the number of brokers is taken.",
)
OFFSETS_TOPIC_SEGMENT_BYTES = key(
    "offsets.topic.segment.bytes",
    whole(1),
    104_857_600,
    BROKER,
    "Segment size of __consumer_offsets.",
)
OFFSET_METADATA_MAX_BYTES = key(
    "offset.metadata.max.bytes",
    whole(),
    4096,
    BROKER,
    "The longest metadata text of a committed offset.",
)
OFFSETS_RETENTION_MINUTES = key(
    "offsets.retention.minutes",
    whole(1),
    10_080,
    BROKER,
    "How long the offsets of an empty group are kept.",
)
OFFSETS_RETENTION_CHECK_INTERVAL_MS = key(
    "offsets.retention.check.interval.ms",
    long(1),
    600_000,
    BROKER,
    "How often it is looked for offsets that are kept no longer.",
)
