"""Broker keys of transactions."""

from kafkacompat.config.rows import Scope, key, short, whole

BROKER = Scope.BROKER

TRANSACTION_MAX_TIMEOUT_MS = key(
    "transaction.max.timeout.ms",
    whole(1),
    900_000,
    BROKER,
    "The longest timeout that a transactional producer may ask for.",
)
TRANSACTIONAL_ID_EXPIRATION_MS = key(
    "transactional.id.expiration.ms",
    whole(1),
    604_800_000,
    BROKER,
    "How long an idle transactional id is kept.",
)
TRANSACTION_TOPIC_PARTITIONS = key(
    "transaction.state.log.num.partitions",
    whole(1),
    50,
    BROKER,
    "Partitions of __transaction_state, fixed when it is made.",
)
TRANSACTION_TOPIC_REPLICATION_FACTOR = key(
    "transaction.state.log.replication.factor",
    short(1),
    3,
    BROKER,
    "Replicas of __transaction_state. At most the number of brokers is taken.",
)
TRANSACTION_TOPIC_SEGMENT_BYTES = key(
    "transaction.state.log.segment.bytes",
    whole(1),
    104_857_600,
    BROKER,
    "Segment size of __transaction_state.",
)
