"""SyncGroup (key 14): hand out the assignments of a classic group."""

from kafkacompat_protocol.schema import Bytes, Int16, Int32, String, at, message, struct


@struct
class SyncGroupRequestAssignment:
    member_id: String
    assignment: Bytes


# v3 adds group_instance_id (KIP-345); v4 is flexible; v5 adds protocol_type and protocol_name,
# which are checked (KIP-559).
@message(key=14, versions="0-5", flexible="4+")
class SyncGroupRequest:
    group_id: String
    generation_id: Int32
    member_id: String
    group_instance_id: String | None = at("3+", default=None)
    protocol_type: String | None = at("5+", default=None)
    protocol_name: String | None = at("5+", default=None)
    assignments: list[SyncGroupRequestAssignment]


# v1 adds throttle_time_ms; v4 is flexible; v5 adds protocol_type and protocol_name.
@message(key=14, versions="0-5", flexible="4+")
class SyncGroupResponse:
    throttle_time_ms: Int32 = at("1+", default=0)
    error_code: Int16
    protocol_type: String | None = at("5+", default=None)
    protocol_name: String | None = at("5+", default=None)
    assignment: Bytes
