"""Every configuration key that the broker knows, one row each."""

from kafkacompat.config.rows import (
    Scope,
    Synonym,
    Update,
    boolean,
    double,
    key,
    long,
    one_of,
    short,
    string,
    whole,
    words,
)

FOREVER_MS = (1 << 63) - 1
INT_MAX = (1 << 31) - 1
HOUR_MS = 3_600_000
CLUSTER = Update.CLUSTER_WIDE
TOPIC, BROKER, GROUP = Scope.TOPIC, Scope.BROKER, Scope.GROUP
CODECS = ("uncompressed", "zstd", "lz4", "snappy", "gzip", "producer")

# --- topics

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
    whole(-1, 9),
    -1,
    TOPIC,
    "The gzip level to use if compression.type is gzip.",
    is_effective=False,
)
COMPRESSION_LZ4_LEVEL = key(
    "compression.lz4.level",
    whole(1, 17),
    9,
    TOPIC,
    "The lz4 level to use if compression.type is lz4.",
    is_effective=False,
)
COMPRESSION_ZSTD_LEVEL = key(
    "compression.zstd.level",
    whole(-131072, 22),
    3,
    TOPIC,
    "The zstd level to use if compression.type is zstd.",
    is_effective=False,
)
DELETE_RETENTION_MS = key(
    "delete.retention.ms",
    long(0),
    24 * HOUR_MS,
    TOPIC,
    "How long a tombstone is kept in a compacted topic.",
    broker_synonym="log.cleaner.delete.retention.ms",
    is_effective=False,
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
    words(),
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
    words(),
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
    is_effective=False,
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
    is_effective=False,
)
MIN_COMPACTION_LAG_MS = key(
    "min.compaction.lag.ms",
    long(0),
    0,
    TOPIC,
    "The shortest that a record stays uncompacted.",
    broker_synonym="log.cleaner.min.compaction.lag.ms",
    is_effective=False,
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
    is_effective=False,
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
    is_effective=False,
)

# --- the broker: identity and network

NODE_ID = key("node.id", whole(0), 1, BROKER, "This node's number.", broker_synonym="broker.id")
BROKER_RACK = key("broker.rack", string(), None, BROKER, "Where this broker stands.")
LISTENERS = key(
    "listeners",
    words(),
    ("PLAINTEXT://127.0.0.1:9092",),
    BROKER,
    "Names and addresses to listen on, such as PLAINTEXT://0.0.0.0:9092.",
)
ADVERTISED_LISTENERS = key(
    "advertised.listeners",
    words(),
    (),
    BROKER,
    "Addresses given to clients. Without it, each gets the address by which it came.",
)
CONTROLLER_LISTENER_NAMES = key(
    "controller.listener.names",
    words(),
    (),
    BROKER,
    "Listeners of a KRaft controller. They are not opened: there is one node.",
    is_effective=False,
)
LISTENER_SECURITY_PROTOCOL_MAP = key(
    "listener.security.protocol.map",
    words(),
    ("PLAINTEXT:PLAINTEXT", "SSL:SSL", "SASL_PLAINTEXT:SASL_PLAINTEXT", "SASL_SSL:SASL_SSL"),
    BROKER,
    "The security protocol of each listener name. Only PLAINTEXT is served so far.",
)
INTER_BROKER_LISTENER_NAME = key(
    "inter.broker.listener.name",
    string(),
    None,
    BROKER,
    "The listener that brokers use among themselves.",
    is_effective=False,
)
PROCESS_ROLES = key(
    "process.roles",
    words("broker", "controller"),
    ("broker", "controller"),
    BROKER,
    "KRaft roles. This node always has both.",
    is_effective=False,
)
CONTROLLER_QUORUM_VOTERS = key(
    "controller.quorum.voters",
    words(),
    (),
    BROKER,
    "KRaft's voters. This node is the only one.",
    is_effective=False,
)
SOCKET_REQUEST_MAX_BYTES = key(
    "socket.request.max.bytes",
    whole(1),
    104_857_600,
    BROKER,
    "The largest request accepted.",
)
MAX_CONNECTIONS = key(
    "max.connections", whole(0), 20_000, BROKER, "Connections that a listener accepts at a time."
)
MAX_CONNECTIONS_PER_IP = key(
    "max.connections.per.ip",
    whole(0),
    INT_MAX,
    BROKER,
    "Connections that one address may have at a time.",
)
CONNECTIONS_MAX_IDLE_MS = key(
    "connections.max.idle.ms",
    long(),
    600_000,
    BROKER,
    "Time after which a connection without requests is closed.",
)
QUEUED_MAX_REQUEST_BYTES = key(
    "queued.max.request.bytes",
    long(),
    -1,
    BROKER,
    "Memory for requests not yet served, over all connections; -1 for a quarter of the machine's.",
)
FETCH_MAX_BYTES = key(
    "fetch.max.bytes", whole(1024), 57_671_680, BROKER, "The most that one fetch returns."
)
MAX_INCREMENTAL_FETCH_SESSIONS = key(
    "max.incremental.fetch.session.cache.slots",
    whole(0),
    1000,
    BROKER,
    "Fetch sessions kept (KIP-227).",
)

# --- the broker: storage

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
TRANSACTION_MAX_TIMEOUT_MS = key(
    "transaction.max.timeout.ms",
    whole(1),
    900_000,
    BROKER,
    "The longest timeout that a transactional producer may ask for.",
    is_effective=False,
)

# --- the broker: groups

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
