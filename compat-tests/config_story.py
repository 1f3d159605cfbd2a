"""Changes of configurations, good and bad, in the order in which they are told to both brokers.

What is left out is what Apache Kafka answers by accident: operations that do not exist (it says
UNKNOWN_SERVER_ERROR), a resource named twice in one AlterConfigs (it never answers), and limits of
threads that are not here.
"""

from typing import Any, NamedTuple

from kafkacompat_protocol.messages.alter_configs import (
    AlterableConfig,
    AlterConfigsRequest,
    AlterConfigsResource,
)
from kafkacompat_protocol.messages.incremental_alter_configs import (
    IncrementalAlterableConfig,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResource,
)

SET, DEL, APP, SUB = range(4)
T, B, L, M, G = 2, 4, 8, 16, 32
"""Topics, brokers, loggers, client metrics, groups."""


class Step(NamedTuple):
    """A request and its version."""

    request: IncrementalAlterConfigsRequest | AlterConfigsRequest
    version: int


def inc(*resources: Any, validate_only: bool = False) -> Step:
    """Change single keys: (type, name, *(key, operation, value))."""
    made = [
        IncrementalAlterConfigsResource(
            resource_type=kind,
            resource_name=name,
            configs=[
                IncrementalAlterableConfig(name=key, config_operation=operation, value=value)
                for key, operation, value in changes
            ],
        )
        for kind, name, *changes in resources
    ]
    return Step(IncrementalAlterConfigsRequest(resources=made, validate_only=validate_only), 1)


def alter(*resources: Any, validate_only: bool = False) -> Step:
    """Replace whole configurations: (type, name, *(key, value))."""
    made = [
        AlterConfigsResource(
            resource_type=kind,
            resource_name=name,
            configs=[AlterableConfig(name=key, value=value) for key, value in values],
        )
        for kind, name, *values in resources
    ]
    return Step(AlterConfigsRequest(resources=made, validate_only=validate_only), 2)


STEPS = (
    inc((T, "t", ("retention.ms", SET, "5000"))),
    inc((T, "t", ("retention.ms", SET, "abc"))),
    inc((T, "t", ("retention.ms", SET, "-5"))),
    inc((T, "t", ("retention.ms", SET, "99999999999999999999"))),
    inc((T, "t", ("retention.ms", SET, ""))),
    inc((T, "t", ("no.such", DEL, None))),
    inc((T, "t", ("retention.ms", SET, None))),
    inc((T, "t", ("retention.ms", APP, None))),
    inc((T, "t", ("retention.ms", SET, None), ("segment.ms", SET, None))),
    inc((T, "t", ("retention.ms", DEL, "5"))),
    inc((T, "t", ("retention.ms", APP, "5"))),
    inc((T, "t", ("retention.ms", SUB, "5"))),
    inc((T, "t", ("no.such", SUB, "5"))),
    inc((T, "t", ("cleanup.policy", SET, "wrong"))),
    inc((T, "t", ("cleanup.policy", SET, ""))),
    inc((T, "t", ("cleanup.policy", APP, "compact"))),
    inc((T, "t", ("cleanup.policy", APP, "compact"))),
    inc((T, "t", ("cleanup.policy", SUB, "delete"))),
    inc((T, "t", ("cleanup.policy", SUB, "compact"))),
    inc((T, "t", ("cleanup.policy", SET, "delete,delete"))),
    inc((T, "t", ("cleanup.policy", SET, "delete,compact,delete"))),
    inc((T, "t", ("cleanup.policy", DEL, None))),
    inc((T, "t", ("compression.type", SET, "nope"))),
    inc((T, "t", ("message.timestamp.type", SET, "nope"))),
    inc((T, "t", ("min.cleanable.dirty.ratio", SET, "2"))),
    inc((T, "t", ("min.cleanable.dirty.ratio", SET, "x"))),
    inc((T, "t", ("preallocate", SET, "maybe"))),
    inc((T, "t", ("segment.bytes", SET, "10"))),
    inc((T, "t", ("segment.bytes", SET, "3000000000"))),
    inc((T, "t", ("max.message.bytes", SET, "1.5"))),
    inc((T, "t", ("min.insync.replicas", SET, "0"))),
    inc((T, "t", ("min.insync.replicas", SET, "2"))),
    inc((T, "t", ("min.insync.replicas", DEL, None))),
    inc((T, "t", ("compression.gzip.level", SET, "99"))),
    inc((T, "t", ("compression.gzip.level", SET, "-1"))),
    inc((T, "t", ("compression.gzip.level", SET, "0"))),
    inc((T, "t", ("compression.gzip.level", DEL, None))),
    inc((T, "t", ("leader.replication.throttled.replicas", SET, "junk"))),
    inc((T, "t", ("leader.replication.throttled.replicas", SET, "*"))),
    inc((T, "t", ("leader.replication.throttled.replicas", APP, "0:1"))),
    inc((T, "t", ("leader.replication.throttled.replicas", SET, "0:1"))),
    inc((T, "t", ("leader.replication.throttled.replicas", APP, "1:1,2:1"))),
    inc((T, "t", ("leader.replication.throttled.replicas", SET, ""))),
    inc((T, "t", ("leader.replication.throttled.replicas", DEL, None))),
    inc((T, "t", ("remote.storage.enable", SET, "true"))),
    inc((T, "t", ("remote.log.copy.disable", SET, "true"))),
    inc((T, "t", ("local.retention.ms", SET, "100000000000"))),
    inc((T, "t", ("local.retention.bytes", SET, "5"))),
    inc((T, "t", ("min.compaction.lag.ms", SET, "10"), ("max.compaction.lag.ms", SET, "5"))),
    inc((T, "t", ("segment.ms", SET, "0"))),
    inc((T, "t", ("delete.retention.ms", SET, "-1"))),
    inc((T, "t", ("message.timestamp.difference.max.ms", SET, "1"))),
    inc((T, "t", ("flush.messages", SET, "0"))),
    inc((T, "t", ("retention.ms", SET, "1"), ("retention.ms", SET, "2"))),
    inc((T, "t", ("retention.ms", SET, "1"), ("retention.ms", DEL, None))),
    inc((T, "t", ("retention.ms", SET, "1")), (T, "t", ("retention.ms", SET, "2"))),
    inc(
        (T, "t", ("retention.ms", SET, "7")),
        (T, "missing", ("retention.ms", SET, "2")),
        (T, "", ("retention.ms", SET, "2")),
        (T, "a b", ("retention.ms", SET, "2")),
        (T, "__cluster_metadata", ("retention.ms", SET, "2")),
    ),
    inc((T, "t", ("retention.ms", SET, "8")), validate_only=True),
    inc((T, "t")),
    inc((T, "missing")),
    inc(),
    inc((B, "", ("log.retention.ms", SET, "5000"))),
    inc((B, "", ("log.retention.ms", SET, "x"))),
    inc((B, "", ("log.retention.hours", SET, "1"))),
    inc((B, "", ("node.id", SET, "1"))),
    inc((B, "1", ("node.id", SET, "1"))),
    inc((B, "1", ("log.dirs", SET, "x"), ("broker.rack", SET, "r"))),
    inc((B, "1", ("no.such", DEL, None))),
    inc((B, "", ("no.such", DEL, None))),
    inc((B, "1", ("message.max.bytes", SET, "abc"))),
    inc((B, "1", ("message.max.bytes", SET, "-4"))),
    inc((B, "1", ("message.max.bytes", SET, "2000000"))),
    inc((B, "1", ("message.max.bytes", DEL, None))),
    inc((B, "2", ("message.max.bytes", SET, "5"))),
    inc((B, "x", ("message.max.bytes", SET, "5"))),
    inc((B, "-1", ("message.max.bytes", SET, "5"))),
    inc((B, "", ("ssl.keystore.location", SET, "x"))),
    inc((B, "1", ("ssl.keystore.password", SET, "secret"))),
    inc((B, "1", ("sasl.jaas.config", SET, "secret"))),
    inc((B, "1", ("listener.name.plaintext.ssl.keystore.location", SET, "x"))),
    inc(
        (
            B,
            "1",
            ("max.connections", SET, "5"),
            ("max.connections.per.ip", SET, "7"),
            ("max.connections.per.ip.overrides", SET, "127.0.0.1:8"),
        )
    ),
    inc(
        (
            B,
            "1",
            ("max.connections", DEL, None),
            ("max.connections.per.ip", DEL, None),
            ("max.connections.per.ip.overrides", DEL, None),
        )
    ),
    inc((B, "1", ("max.connection.creation.rate", SET, "70"))),
    inc((B, "1", ("max.connection.creation.rate", DEL, None))),
    inc((B, "1", ("leader.replication.throttled.rate", SET, "70"))),
    inc((B, "1", ("leader.replication.throttled.rate", SET, "x"))),
    inc((B, "1", ("leader.replication.throttled.rate", SET, "-1"))),
    inc((B, "", ("follower.replication.throttled.rate", SET, "70"))),
    inc((B, "1", ("replica.alter.log.dirs.io.max.bytes.per.second", SET, "70"))),
    inc((B, "", ("log.cleanup.policy", SET, "compact"))),
    inc((B, "", ("log.cleanup.policy", APP, "delete"))),
    inc((B, "", ("log.cleanup.policy", DEL, None))),
    inc((B, "", ("unclean.leader.election.enable", SET, "true"))),
    inc((B, "", ("unclean.leader.election.enable", DEL, None))),
    inc((B, "", ("min.insync.replicas", SET, "1"))),
    inc((B, "1", ("min.insync.replicas", SET, "1"))),
    inc((B, "", ("log.message.timestamp.type", SET, "x"))),
    inc((B, "", ("compression.type", SET, "x"))),
    inc((B, "", ("group.consumer.max.session.timeout.ms", SET, "1"))),
    inc((B, "", ("auto.create.topics.enable", SET, "false"))),
    inc((B, "", ("log.segment.bytes", SET, "1"))),
    inc((B, "", ("log.segment.bytes", SET, "2000000"))),
    inc((B, "", ("log.segment.bytes", DEL, None))),
    inc((B, "", ("log.retention.ms", DEL, None))),
    inc((M, "", ("interval.ms", SET, "5"))),
    inc((M, "m", ("interval.ms", SET, "5"))),
    inc((M, "m", ("interval.ms", SET, "3600001"))),
    inc((M, "m", ("interval.ms", SET, "x"))),
    inc((M, "m", ("interval.ms", SET, "60000"))),
    inc((M, "m", ("interval.ms", SET, "100"))),
    inc((M, "m", ("interval.ms", SET, "99"))),
    inc((M, "m", ("nope", SET, "x"))),
    inc((M, "m", ("metrics", SET, "a.b,c"))),
    inc((M, "m", ("metrics", APP, "d"))),
    inc((M, "m", ("metrics", SUB, "c"))),
    inc((M, "m", ("metrics", SET, "*"))),
    inc((M, "m", ("metrics", SET, ""))),
    inc((M, "m", ("metrics", SET, " a , b "))),
    inc((M, "m", ("metrics", SET, "a,a"))),
    inc((M, "m", ("match", SET, "client_id=x.*,client_software_name=apache"))),
    inc((M, "m", ("match", SET, "bad"))),
    inc((M, "m", ("match", SET, "bad=1"))),
    inc((M, "m", ("match", SET, "client_id=("))),
    inc((M, "m", ("match", SET, "client_id"))),
    inc((M, "m", ("match", SET, "client_id=a=b"))),
    inc((M, "m", ("match", SET, "client_id=a,client_id=b"))),
    inc((M, "m", ("match", SET, ""))),
    inc(
        (
            M,
            "m",
            (
                "match",
                SET,
                "client_source_address=127.0.0.1,client_source_port=[0-9]+,client_instance_id=x,"
                "client_software_version=v",
            ),
        )
    ),
    inc((M, "n", ("interval.ms", APP, "1"))),
    inc((M, "a b!", ("interval.ms", SET, "1000"))),
    inc((M, "m", ("interval.ms", DEL, None), ("metrics", DEL, None), ("match", DEL, None))),
    inc((M, "a b!", ("interval.ms", DEL, None))),
    inc((M, "m", ("no.such", DEL, None))),
    inc((G, "", ("consumer.session.timeout.ms", SET, "5"))),
    inc((G, "g", ("consumer.session.timeout.ms", SET, "5"))),
    inc((G, "g", ("consumer.session.timeout.ms", SET, "50000"))),
    inc((G, "g", ("consumer.session.timeout.ms", SET, "70000"))),
    inc((G, "g", ("consumer.session.timeout.ms", SET, "x"))),
    inc((G, "g", ("consumer.heartbeat.interval.ms", SET, "50000"))),
    inc((G, "g", ("consumer.heartbeat.interval.ms", SET, "1"))),
    inc((G, "g", ("no.such", SET, "50000"))),
    inc((G, "g", ("no.such", DEL, None))),
    inc((G, "g", ("share.auto.offset.reset", SET, "50000"))),
    inc((G, "g", ("share.auto.offset.reset", SET, "by_duration:P1"))),
    inc((G, "g", ("share.auto.offset.reset", SET, "by_duration:PT1H"))),
    inc((G, "g", ("share.isolation.level", SET, "nope"))),
    inc((G, "g", ("share.record.lock.duration.ms", SET, "1"))),
    inc((G, "g", ("share.record.lock.duration.ms", SET, "10000"))),
    inc((G, "g", ("share.record.lock.duration.ms", SET, "61000"))),
    inc((G, "g", ("share.delivery.count.limit", SET, "1"))),
    inc((G, "g", ("share.delivery.count.limit", SET, "11"))),
    inc((G, "g", ("share.delivery.count.limit", SET, "4"))),
    inc((G, "g", ("share.partition.max.record.locks", SET, "1"))),
    inc((G, "g", ("share.renew.acknowledge.enable", SET, "x"))),
    inc((G, "g", ("share.heartbeat.interval.ms", SET, "60000"))),
    inc((G, "g", ("share.session.timeout.ms", SET, "5000"))),
    inc((G, "g", ("streams.session.timeout.ms", SET, "5000"))),
    inc((G, "g", ("streams.session.timeout.ms", SET, "50000"))),
    inc((G, "g", ("streams.heartbeat.interval.ms", SET, "50000"))),
    inc((G, "g", ("streams.num.standby.replicas", SET, "1"))),
    inc((G, "g", ("streams.num.standby.replicas", SET, "5"))),
    inc((G, "g", ("streams.initial.rebalance.delay.ms", SET, "5"))),
    inc(
        (
            G,
            "g",
            ("consumer.session.timeout.ms", SET, "45000"),
            ("consumer.heartbeat.interval.ms", SET, "45000"),
        )
    ),
    inc((G, "g", ("consumer.assignment.interval.ms", SET, "45000"))),
    inc((G, "g", ("consumer.session.timeout.ms", APP, "45000"))),
    inc((G, "a b", ("consumer.session.timeout.ms", SET, "45000"))),
    inc((L, "1", ("root", SET, "INFO"))),
    inc((L, "1", ("root", SET, "LOUD"))),
    inc((L, "1", ("root", SET, "INFO")), validate_only=True),
    inc((L, "1", ("no.such.logger", SET, "INFO"))),
    inc((L, "1", ("root", DEL, None))),
    inc((L, "2", ("root", SET, "INFO"))),
    inc((L, "", ("root", SET, "INFO"))),
    inc((L, "x", ("root", SET, "INFO"))),
    inc((L, "1", ("root", SET, "INFO"), ("root", SET, "WARN"))),
    inc((0, "x", ("root", SET, "INFO"))),
    inc((1, "x", ("root", SET, "INFO"))),
    inc((99, "x", ("root", SET, "INFO"))),
    inc((-1, "x", ("root", SET, "INFO"))),
    alter((T, "t", ("retention.ms", "5000"), ("segment.ms", "9000"))),
    alter((T, "t", ("retention.ms", "6000"))),
    alter((T, "t", ("retention.ms", "x"))),
    alter((T, "t", ("retention.ms", None))),
    alter((T, "t", ("no.such", "x"))),
    alter((T, "t", ("retention.ms", "6000"), ("retention.ms", "7000"))),
    alter((T, "t", ("segment.ms", "7000")), validate_only=True),
    alter(
        (T, "missing", ("retention.ms", "6000")),
        (T, "", ("retention.ms", "6000")),
        (T, "a b", ("retention.ms", "6000")),
    ),
    alter((T, "t")),
    alter((B, "", ("log.retention.ms", "5000"))),
    alter((B, "", ("node.id", "5"))),
    alter((B, "1", ("node.id", "5"))),
    alter((B, "1", ("no.such", "5"))),
    alter((B, "2", ("no.such", "5"))),
    alter((B, "x", ("no.such", "5"))),
    alter((B, "1", ("message.max.bytes", "x"))),
    alter((B, "1", ("message.max.bytes", None))),
    alter(
        (
            B,
            "1",
        )
    ),
    alter(
        (
            B,
            "",
        )
    ),
    alter((M, "m", ("interval.ms", "1000"))),
    alter(
        (
            M,
            "m",
        )
    ),
    alter((M, "", ("interval.ms", "1000"))),
    alter((G, "g", ("consumer.session.timeout.ms", "50000"))),
    alter((G, "g", ("consumer.session.timeout.ms", "5"))),
    alter(
        (
            G,
            "g",
        )
    ),
    alter(
        (
            G,
            "",
        )
    ),
    alter((L, "1", ("root", "INFO"))),
    alter((L, "", ("root", "INFO"))),
    alter((0, "x", ("root", "INFO"))),
    alter((99, "x", ("root", "INFO"))),
    alter(),
)
