"""ConsumerGroupHeartbeat (key 68): join a consumer group, stay in it, leave it (KIP-848)."""

from kafkacompat_protocol.schema import Int16, Int32, String, Uuid, at, message, struct


@struct
class ConsumerGroupHeartbeatRequestTopicPartitions:
    topic_id: Uuid
    partitions: list[Int32]


# v1 adds subscribed_topic_regex, and has clients make their member ids (KIP-1082).
@message(key=68, versions="0-1", flexible="0+")
class ConsumerGroupHeartbeatRequest:
    group_id: String
    member_id: String
    member_epoch: Int32
    """0 joins, -1 leaves, -2 leaves for a while (static members)."""
    instance_id: String | None = at(default=None)
    rack_id: String | None = at(default=None)
    rebalance_timeout_ms: Int32 = at(default=-1)
    """-1 is what it was before; so is None in what follows."""
    subscribed_topic_names: list[String] | None = at(default=None)
    subscribed_topic_regex: String | None = at("1+", default=None)
    server_assignor: String | None = at(default=None)
    topic_partitions: list[ConsumerGroupHeartbeatRequestTopicPartitions] | None = at(default=None)


@struct
class ConsumerGroupHeartbeatResponseTopicPartitions:
    topic_id: Uuid
    partitions: list[Int32]


@struct
class ConsumerGroupHeartbeatResponseAssignment:
    topic_partitions: list[ConsumerGroupHeartbeatResponseTopicPartitions]


# v1 is the same as v0.
@message(key=68, versions="0-1", flexible="0+")
class ConsumerGroupHeartbeatResponse:
    throttle_time_ms: Int32 = at(default=0)
    error_code: Int16
    error_message: String | None = at(default=None)
    member_id: String | None = at(default=None)
    member_epoch: Int32 = at(default=0)
    heartbeat_interval_ms: Int32 = at(default=0)
    assignment: ConsumerGroupHeartbeatResponseAssignment | None = at(default=None)
    """None is what it was before."""
