"""Topic keys: what holds for one topic, or for all that do not set it."""

import re
from functools import partial

from kafkacompat.config.rows import (
    ConfigType,
    InvalidValue,
    Kind,
    Scope,
    Synonym,
    boolean,
    double,
    key,
    long,
    one_of,
    parse_whole,
    whole,
    words,
)

FOREVER_MS = (1 << 63) - 1
HOUR_MS = 3_600_000
TOPIC = Scope.TOPIC
CODECS = ("uncompressed", "zstd", "lz4", "snappy", "gzip", "producer")
_REPLICA = re.compile(r"\d+:\d+", re.ASCII)


def _parse_gzip_level(text: str) -> int:
    level = parse_whole(ConfigType.INT, text)
    if level != -1 and not 1 <= level <= 9:
        raise InvalidValue("Value must be between 1 and 9 or equal to -1", shown=str(level))
    return level


def _parse_replicas(side: str, text: str) -> tuple[str, ...]:
    found = words().parse(text)
    if found != ("*",) and not all(map(_REPLICA.fullmatch, found)):
        raise InvalidValue(
            f"{side}.replication.throttled.replicas must be the literal '*' or a list of replicas"
            " in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...",
            shown=f"[{', '.join(found)}]",
        )
    return found


CLEANUP_POLICY = key(
    "cleanup.policy",
    words("compact", "delete"),
    ("delete",),
    TOPIC,
    "What becomes of old segments: deleted by time and size, compacted by key, or both.",
    broker_synonym="log.cleanup.policy",
)
COMPRESSION_TYPE = key(
    "compression.type",
    one_of(*CODECS),
    "producer",
    TOPIC,
    "The codec that batches are kept in; producer keeps each as it was sent.",
    broker_synonym="compression.type",
)
COMPRESSION_GZIP_LEVEL = key(
    "compression.gzip.level",
    Kind(ConfigType.INT, _parse_gzip_level),
    -1,
    TOPIC,
    "The gzip level to use if compression.type is gzip.",
    broker_synonym="compression.gzip.level",
)
COMPRESSION_LZ4_LEVEL = key(
    "compression.lz4.level",
    whole(1, 17),
    9,
    TOPIC,
    "The lz4 level to use if compression.type is lz4.",
    broker_synonym="compression.lz4.level",
)
COMPRESSION_ZSTD_LEVEL = key(
    "compression.zstd.level",
    whole(-131072, 22),
    3,
    TOPIC,
    "The zstd level to use if compression.type is zstd.",
    broker_synonym="compression.zstd.level",
)
DELETE_RETENTION_MS = key(
    "delete.retention.ms",
    long(0),
    24 * HOUR_MS,
    TOPIC,
    "How long a tombstone is kept in a compacted topic.",
    broker_synonym="log.cleaner.delete.retention.ms",
)
FILE_DELETE_DELAY_MS = key(
    "file.delete.delay.ms",
    long(0),
    60_000,
    TOPIC,
    "How long a deleted file stays on the disk.",
    broker_synonym="log.segment.delete.delay.ms",
)
FLUSH_MESSAGES = key(
    "flush.messages",
    long(1),
    FOREVER_MS,
    TOPIC,
    "Records after which a sync is forced. Appends are synced in groups anyway.",
    broker_synonym="log.flush.interval.messages",
    is_effective=False,
)
FLUSH_MS = key(
    "flush.ms",
    long(0),
    FOREVER_MS,
    TOPIC,
    "Time after which a sync is forced. Appends are synced in groups anyway.",
    broker_synonym=("log.flush.interval.ms", "log.flush.scheduler.interval.ms"),
    is_effective=False,
)
FOLLOWER_THROTTLED = key(
    "follower.replication.throttled.replicas",
    Kind(ConfigType.LIST, partial(_parse_replicas, "follower"), ",".join),
    (),
    TOPIC,
    "Replicas whose replication is throttled on the follower's side.",
    is_effective=False,
)
INDEX_INTERVAL_BYTES = key(
    "index.interval.bytes",
    whole(0),
    4096,
    TOPIC,
    "How many bytes of log lie between two entries of the offset index.",
    broker_synonym="log.index.interval.bytes",
)
LEADER_THROTTLED = key(
    "leader.replication.throttled.replicas",
    Kind(ConfigType.LIST, partial(_parse_replicas, "leader"), ",".join),
    (),
    TOPIC,
    "Replicas whose replication is throttled on the leader's side.",
    is_effective=False,
)
LOCAL_RETENTION_BYTES = key(
    "local.retention.bytes",
    long(-2),
    -2,
    TOPIC,
    "Bytes kept locally of a partition in tiered storage.",
    broker_synonym="log.local.retention.bytes",
    is_effective=False,
)
LOCAL_RETENTION_MS = key(
    "local.retention.ms",
    long(-2),
    -2,
    TOPIC,
    "Time that data in tiered storage is also kept locally.",
    broker_synonym="log.local.retention.ms",
    is_effective=False,
)
MAX_COMPACTION_LAG_MS = key(
    "max.compaction.lag.ms",
    long(1),
    FOREVER_MS,
    TOPIC,
    "The longest that a record stays uncompacted.",
    broker_synonym="log.cleaner.max.compaction.lag.ms",
)
MAX_MESSAGE_BYTES = key(
    "max.message.bytes",
    whole(0),
    1_048_588,
    TOPIC,
    "The largest batch accepted, as sent, in bytes.",
    broker_synonym="message.max.bytes",
)
TIMESTAMP_AFTER_MAX_MS = key(
    "message.timestamp.after.max.ms",
    long(0),
    HOUR_MS,
    TOPIC,
    "How far a record's timestamp may lie in the future.",
    broker_synonym="log.message.timestamp.after.max.ms",
)
TIMESTAMP_BEFORE_MAX_MS = key(
    "message.timestamp.before.max.ms",
    long(0),
    FOREVER_MS,
    TOPIC,
    "How far a record's timestamp may lie in the past.",
    broker_synonym="log.message.timestamp.before.max.ms",
)
TIMESTAMP_TYPE = key(
    "message.timestamp.type",
    one_of("CreateTime", "LogAppendTime"),
    "CreateTime",
    TOPIC,
    "Whether a record's time is the producer's or the broker's.",
    broker_synonym="log.message.timestamp.type",
)
MIN_CLEANABLE_DIRTY_RATIO = key(
    "min.cleanable.dirty.ratio",
    double(0, 1),
    0.5,
    TOPIC,
    "The part of a compacted log that must be new before it is compacted again.",
    broker_synonym="log.cleaner.min.cleanable.ratio",
)
MIN_COMPACTION_LAG_MS = key(
    "min.compaction.lag.ms",
    long(0),
    0,
    TOPIC,
    "The shortest that a record stays uncompacted.",
    broker_synonym="log.cleaner.min.compaction.lag.ms",
)
MIN_INSYNC_REPLICAS = key(
    "min.insync.replicas",
    whole(1),
    1,
    TOPIC,
    "Replicas that must have a record before an acks=all producer is answered.",
    broker_synonym="min.insync.replicas",
)
PREALLOCATE = key(
    "preallocate",
    boolean(),
    False,
    TOPIC,
    "Whether a new segment file gets its full size at once.",
    broker_synonym="log.preallocate",
    is_effective=False,
)
REMOTE_COPY_DISABLE = key(
    "remote.log.copy.disable",
    boolean(),
    False,
    TOPIC,
    "Whether copying to tiered storage is stopped.",
    is_effective=False,
)
REMOTE_DELETE_ON_DISABLE = key(
    "remote.log.delete.on.disable",
    boolean(),
    False,
    TOPIC,
    "Whether tiered data goes when tiering is switched off.",
    is_effective=False,
)
REMOTE_STORAGE_ENABLE = key(
    "remote.storage.enable",
    boolean(),
    False,
    TOPIC,
    "Whether the topic uses tiered storage.",
    is_effective=False,
)
RETENTION_BYTES = key(
    "retention.bytes",
    long(),
    -1,
    TOPIC,
    "Bytes of a partition above which old segments are deleted; -1 for no limit.",
    broker_synonym="log.retention.bytes",
)
RETENTION_MS = key(
    "retention.ms",
    long(-1),
    7 * 24 * HOUR_MS,
    TOPIC,
    "Age above which segments are deleted; -1 for no limit.",
    broker_synonym=(
        "log.retention.ms",
        Synonym("log.retention.minutes", 60_000),
        Synonym("log.retention.hours", HOUR_MS),
    ),
)
SEGMENT_BYTES = key(
    "segment.bytes",
    whole(at_least=1 << 20),
    1 << 30,
    TOPIC,
    "Size at which a new segment file is begun.",
    broker_synonym="log.segment.bytes",
)
SEGMENT_INDEX_BYTES = key(
    "segment.index.bytes",
    whole(4),
    10 << 20,
    TOPIC,
    "The largest offset index; a new segment is begun when it is full.",
    broker_synonym="log.index.size.max.bytes",
)
SEGMENT_JITTER_MS = key(
    "segment.jitter.ms",
    long(0),
    0,
    TOPIC,
    "The most that is taken off segment.ms at random, so that not all roll at once.",
    broker_synonym=("log.roll.jitter.ms", Synonym("log.roll.jitter.hours", HOUR_MS)),
)
SEGMENT_MS = key(
    "segment.ms",
    long(1),
    7 * 24 * HOUR_MS,
    TOPIC,
    "Age at which a new segment file is begun.",
    broker_synonym=("log.roll.ms", Synonym("log.roll.hours", HOUR_MS)),
)
UNCLEAN_LEADER_ELECTION = key(
    "unclean.leader.election.enable",
    boolean(),
    False,
    TOPIC,
    "Whether a replica out of sync may lead when no other is alive.",
    broker_synonym="unclean.leader.election.enable",
)
