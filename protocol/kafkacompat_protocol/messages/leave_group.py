"""LeaveGroup (key 13): take members out of a classic group."""

from kafkacompat_protocol.schema import Int16, Int32, String, at, message, struct


@struct
class MemberIdentity:
    member_id: String
    group_instance_id: String | None = at(default=None)
    reason: String | None = at("5+", default=None)


# v3 takes several members, static ones too (KIP-345); v4 is flexible; v5 adds reason (KIP-800).
@message(key=13, versions="0-5", flexible="4+")
class LeaveGroupRequest:
    group_id: String
    member_id: String = at("0-2", default="")
    members: list[MemberIdentity] = at("3+", default_factory=list)


@struct
class MemberResponse:
    member_id: String
    group_instance_id: String | None
    error_code: Int16


# v1 adds throttle_time_ms; v3 answers per member; v4 is flexible.
@message(key=13, versions="0-5", flexible="4+")
class LeaveGroupResponse:
    throttle_time_ms: Int32 = at("1+", default=0)
    error_code: Int16
    members: list[MemberResponse] = at("3+", default_factory=list)
