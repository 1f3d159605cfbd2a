"""Broker keys of a usual server.properties that change nothing here.

They are accepted, checked and shown, so that the file of an Apache Kafka node starts this broker
without noise: threads it does not have, replicas of topics that one node keeps once.
"""

from kafkacompat.config.rows import (
    ConfigType,
    InvalidValue,
    Key,
    Kind,
    Scope,
    Update,
    boolean,
    key,
    long,
    one_of,
    short,
    string,
    whole,
    words,
)

CLUSTER = Update.CLUSTER_WIDE


def _whole(
    name: str, default: int, text: str, at_least: int = 1, update: Update = Update.READ_ONLY
) -> Key[int]:
    kind = whole(at_least)
    return key(name, kind, default, Scope.BROKER, text, update=update, is_effective=False)


def _unset(text: str) -> str | None:
    if text:
        raise InvalidValue("nothing is authorised here yet, every client may do everything")
    return None


# --- threads and sockets: one event loop serves all

NUM_NETWORK_THREADS = _whole("num.network.threads", 3, "Threads for the network.", update=CLUSTER)
NUM_IO_THREADS = _whole("num.io.threads", 8, "Threads that serve requests.", update=CLUSTER)
BACKGROUND_THREADS = _whole("background.threads", 10, "Background threads.", update=CLUSTER)
NUM_RECOVERY_THREADS = _whole(
    "num.recovery.threads.per.data.dir", 2, "Threads that recover logs.", update=CLUSTER
)
NUM_REPLICA_FETCHERS = _whole("num.replica.fetchers", 1, "Threads per leader.", update=CLUSTER)
QUEUED_MAX_REQUESTS = _whole("queued.max.requests", 500, "Requests waiting for a thread.")
SOCKET_SEND_BUFFER = _whole(
    "socket.send.buffer.bytes", 102_400, "The send buffer of a socket; the system decides here.", -1
)
SOCKET_RECEIVE_BUFFER = _whole(
    "socket.receive.buffer.bytes",
    102_400,
    "The receive buffer of a socket; the system decides here.",
    -1,
)
SOCKET_BACKLOG = _whole("socket.listen.backlog.size", 50, "Connections not accepted yet.")

# --- internal topics: one replica in sync is enough

TRANSACTION_TOPIC_MIN_ISR = _whole(
    "transaction.state.log.min.isr", 2, "Replicas in sync that __transaction_state needs."
)
SHARE_TOPIC_MIN_ISR = key(
    "share.coordinator.state.topic.min.isr",
    short(1),
    2,
    Scope.BROKER,
    "Replicas in sync that __share_group_state needs.",
    is_effective=False,
)

# --- the log

LOG_FLUSH_START_OFFSET_MS = _whole(
    "log.flush.start.offset.checkpoint.interval.ms",
    60_000,
    "How often log start offsets are written.",
    0,
)
METADATA_LOG_DIR = key(
    "metadata.log.dir",
    string(),
    None,
    Scope.BROKER,
    "The folder of the metadata log. Here it lies in the first of log.dirs.",
    is_effective=False,
)

# --- the cluster: there is one node

CONTROLLER_QUORUM_BOOTSTRAP_SERVERS = key(
    "controller.quorum.bootstrap.servers",
    words(),
    (),
    Scope.BROKER,
    "Addresses of KRaft controllers. This node is the only one.",
    is_effective=False,
)
SECURITY_INTER_BROKER_PROTOCOL = key(
    "security.inter.broker.protocol",
    one_of("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"),
    "PLAINTEXT",
    Scope.BROKER,
    "The security protocol between brokers.",
    is_effective=False,
)
CONTROLLED_SHUTDOWN = key(
    "controlled.shutdown.enable",
    boolean(),
    True,
    Scope.BROKER,
    "Whether leaders move away before a broker stops.",
    is_effective=False,
)
REPLICA_LAG_TIME_MAX_MS = key(
    "replica.lag.time.max.ms",
    long(0),
    30_000,
    Scope.BROKER,
    "How long a replica may lag and still be in sync.",
    is_effective=False,
)
REPLICA_FETCH_MAX_BYTES = _whole(
    "replica.fetch.max.bytes", 1_048_576, "Bytes that a replica fetches of a partition.", 0
)

# --- security

AUTHORIZER_CLASS_NAME = key(
    "authorizer.class.name",
    Kind(ConfigType.STRING, _unset),
    None,
    Scope.BROKER,
    "Who may do what. Refused when set: there is no authorizer yet, and a node that was told to"
    " protect its data must not serve it to everyone.",
    is_effective=False,
)
