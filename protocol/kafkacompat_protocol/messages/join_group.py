"""JoinGroup (key 11): become a member of a classic consumer group."""

from kafkacompat_protocol.schema import Bool, Bytes, Int16, Int32, String, at, message, struct


@struct
class JoinGroupRequestProtocol:
    name: String
    metadata: Bytes


# v1 adds rebalance_timeout_ms (KIP-62); v4 asks a new member to join again with the id that it
# is given (KIP-394); v5 adds group_instance_id (KIP-345); v6 is flexible; v8 adds reason.
@message(key=11, versions="0-9", flexible="6+")
class JoinGroupRequest:
    group_id: String
    session_timeout_ms: Int32
    rebalance_timeout_ms: Int32 = at("1+", default=-1)
    member_id: String
    group_instance_id: String | None = at("5+", default=None)
    protocol_type: String
    protocols: list[JoinGroupRequestProtocol]
    reason: String | None = at("8+", default=None)


@struct
class JoinGroupResponseMember:
    member_id: String
    group_instance_id: String | None = at("5+", default=None)
    metadata: Bytes


# v2 adds throttle_time_ms; v5 adds group_instance_id per member; v6 is flexible.
# v7 adds protocol_type and a nullable protocol_name (KIP-559); v9 adds skip_assignment (KIP-814).
@message(key=11, versions="0-9", flexible="6+")
class JoinGroupResponse:
    throttle_time_ms: Int32 = at("2+", default=0)
    error_code: Int16
    generation_id: Int32 = at(default=-1)
    protocol_type: String | None = at("7+", default=None)
    protocol_name: String | None = at(nullable="7+", default="")
    leader: String
    skip_assignment: Bool = at("9+", default=False)
    member_id: String
    members: list[JoinGroupResponseMember]
