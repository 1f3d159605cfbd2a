"""GroupMetadata (record type 2): a classic group with all of its members."""

from kafkacompat_protocol.schema import Bytes, Int32, Int64, String, at, message, struct


# v0 is the only version.
@message(key=2, versions="0")
class GroupMetadataKey:
    group: String


@struct
class MemberMetadata:
    member_id: String
    group_instance_id: String | None = at("3+", default=None)
    client_id: String
    client_host: String
    rebalance_timeout: Int32 = at("1+", default=-1)
    session_timeout: Int32
    subscription: Bytes
    assignment: Bytes


# v1 adds rebalance_timeout; v2 adds current_state_timestamp (KIP-211).
# v3 adds group_instance_id (KIP-345); v4 is flexible.
@message(key=2, versions="0-4", flexible="4+")
class GroupMetadataValue:
    protocol_type: String
    generation: Int32
    protocol: String | None
    leader: String | None
    current_state_timestamp: Int64 = at("2+", default=-1)
    members: list[MemberMetadata]
