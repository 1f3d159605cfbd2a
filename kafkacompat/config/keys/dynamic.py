"""Broker keys that Apache Kafka changes while it runs, for parts that are not here.

Tools set them, throttles above all; they are checked, kept and shown.
"""

from typing import Any

from kafkacompat.config.rows import (
    Kind,
    Scope,
    Update,
    boolean,
    key,
    long,
    string,
    whole,
)

LONG_MAX = (1 << 63) - 1
INT_MAX = (1 << 31) - 1
CLUSTER = Update.CLUSTER_WIDE


_ROWS: tuple[tuple[str, Kind[Any], Any, Update, str], ...] = (
    (
        "follower.fetch.last.tiered.offset.enable",
        boolean(),
        False,
        CLUSTER,
        "Whether a new follower skips what is in tiered storage.",
    ),
    ("log.cleaner.io.buffer.size", whole(0), 524_288, CLUSTER, "Compaction's memory for I/O."),
    (
        "max.connection.creation.rate",
        whole(0),
        INT_MAX,
        CLUSTER,
        "Connections that a listener accepts in a second.",
    ),
    (
        "max.connections.per.ip.overrides",
        string(),
        "",
        CLUSTER,
        "max.connections.per.ip of some addresses.",
    ),
    ("remote.fetch.max.wait.ms", whole(1), 500, CLUSTER, "How long a tiered fetch may take."),
    (
        "remote.list.offsets.request.timeout.ms",
        long(1),
        30_000,
        CLUSTER,
        "How long a tiered look-up of offsets may take.",
    ),
    (
        "remote.log.index.file.cache.total.size.bytes",
        long(1),
        1_073_741_824,
        CLUSTER,
        "Memory for indexes of tiered segments.",
    ),
    (
        "remote.log.manager.copier.thread.pool.size",
        whole(1),
        10,
        CLUSTER,
        "Threads that copy to tiered storage.",
    ),
    (
        "remote.log.manager.copy.max.bytes.per.second",
        long(1),
        LONG_MAX,
        CLUSTER,
        "Bytes copied to tiered storage in a second.",
    ),
    (
        "remote.log.manager.expiration.thread.pool.size",
        whole(1),
        10,
        CLUSTER,
        "Threads that delete from tiered storage.",
    ),
    (
        "remote.log.manager.fetch.max.bytes.per.second",
        long(1),
        LONG_MAX,
        CLUSTER,
        "Bytes read from tiered storage in a second.",
    ),
    (
        "remote.log.manager.follower.thread.pool.size",
        whole(1),
        2,
        CLUSTER,
        "Threads of followers of tiered partitions.",
    ),
    ("remote.log.reader.threads", whole(1), 10, CLUSTER, "Threads that read tiered storage."),
    (
        "group.coordinator.cached.buffer.max.bytes",
        whole(524_288),
        1_048_588,
        CLUSTER,
        "Memory that a groups' shard keeps for records.",
    ),
    (
        "share.coordinator.cached.buffer.max.bytes",
        whole(524_288),
        1_048_588,
        CLUSTER,
        "Memory that a share groups' shard keeps for records.",
    ),
    (
        "transaction.partition.verification.enable",
        boolean(),
        True,
        CLUSTER,
        "Whether batches of transactions are checked. Here they always are.",
    ),
)
_THROTTLES = (
    ("leader.replication.throttled.rate", "Bytes in a second that leaders send to followers."),
    ("follower.replication.throttled.rate", "Bytes in a second that followers fetch."),
    (
        "replica.alter.log.dirs.io.max.bytes.per.second",
        "Bytes in a second that move between folders.",
    ),
)


for _name, _kind, _default, _update, _text in _ROWS:
    key(_name, _kind, _default, Scope.BROKER, _text, update=_update, is_effective=False)
for _name, _text in _THROTTLES:
    key(
        _name,
        long(0),
        LONG_MAX,
        Scope.BROKER,
        _text,
        update=CLUSTER,
        is_effective=False,
        is_listed=False,
    )
