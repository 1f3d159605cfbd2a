"""Broker keys of identity and network: who the node is, and where clients reach it."""

from typing import Final

from kafkacompat.config.rows import (
    Scope,
    Update,
    boolean,
    key,
    long,
    one_of,
    string,
    whole,
    words,
)

INT_MAX = (1 << 31) - 1
BROKER = Scope.BROKER

NODE_ID = key("node.id", whole(0), 1, BROKER, "This node's number.", broker_synonym="broker.id")
BROKER_RACK = key("broker.rack", string(), None, BROKER, "Where this broker stands.")
AUTO_LEADER_REBALANCE = key(
    "auto.leader.rebalance.enable",
    boolean(),
    True,
    BROKER,
    "Whether leaders go back to their preferred replicas, every five minutes.",
)
RACK_AWARE: Final = "org.apache.kafka.common.replica.RackAwareReplicaSelector"
REPLICA_SELECTOR = key(
    "replica.selector.class",
    one_of("", "org.apache.kafka.common.replica.LeaderSelector", RACK_AWARE),
    "",
    BROKER,
    "Which replica consumers are sent to: the leader, or one in their own rack (KIP-392).",
)
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
    "max.connections",
    whole(0),
    20_000,
    BROKER,
    "Connections that a listener accepts at a time.",
    update=Update.CLUSTER_WIDE,
)
MAX_CONNECTIONS_PER_IP = key(
    "max.connections.per.ip",
    whole(0),
    INT_MAX,
    BROKER,
    "Connections that one address may have at a time.",
    update=Update.CLUSTER_WIDE,
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
