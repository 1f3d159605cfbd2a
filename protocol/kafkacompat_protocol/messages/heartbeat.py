"""Heartbeat (key 12): keep a group member alive between polls."""

from kafkacompat_protocol.schema import Int16, Int32, String, at, message


# v3 adds group_instance_id (KIP-345); v4 is flexible (KIP-482).
@message(key=12, versions="0-4", flexible="4+")
class HeartbeatRequest:
    group_id: String
    generation_id: Int32
    member_id: String
    group_instance_id: String | None = at("3+", default=None)


# v1 adds throttle_time_ms; v4 is flexible.
@message(key=12, versions="0-4", flexible="4+")
class HeartbeatResponse:
    throttle_time_ms: Int32 = at("1+", default=0)
    error_code: Int16
