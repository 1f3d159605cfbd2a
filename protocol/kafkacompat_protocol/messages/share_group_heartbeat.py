"""ShareGroupHeartbeat (key 76): join a share group, stay in it, leave it (KIP-932)."""

from kafkacompat_protocol.schema import Int16, Int32, String, Uuid, at, message, struct


# v0 was never stable (KIP-932).
@message(key=76, versions="1", flexible="0+")
class ShareGroupHeartbeatRequest:
    group_id: String
    member_id: String
    """Made by the member itself."""
    member_epoch: Int32
    """0 joins, -1 leaves."""
    rack_id: String | None = at(default=None)
    subscribed_topic_names: list[String] | None = at(default=None)
    """None is what it was before."""


@struct
class ShareGroupHeartbeatTopicPartitions:
    topic_id: Uuid
    partitions: list[Int32]


@struct
class ShareGroupHeartbeatAssignment:
    topic_partitions: list[ShareGroupHeartbeatTopicPartitions]


# v0 was never stable (KIP-932).
@message(key=76, versions="1", flexible="0+")
class ShareGroupHeartbeatResponse:
    throttle_time_ms: Int32 = at(default=0)
    error_code: Int16
    error_message: String | None = at(default=None)
    member_id: String | None = at(default=None)
    member_epoch: Int32 = at(default=0)
    heartbeat_interval_ms: Int32 = at(default=0)
    assignment: ShareGroupHeartbeatAssignment | None = at(default=None)
    """None is what it was before."""
