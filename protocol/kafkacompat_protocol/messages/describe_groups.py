"""DescribeGroups (key 15): show the state and members of classic groups."""

from kafkacompat_protocol.schema import Bool, Bytes, Int16, Int32, String, at, message, struct


# v3 adds include_authorized_operations (KIP-430); v5 is flexible.
@message(key=15, versions="0-6", flexible="5+")
class DescribeGroupsRequest:
    groups: list[String]
    include_authorized_operations: Bool = at("3+", default=False)


@struct
class DescribedGroupMember:
    member_id: String
    group_instance_id: String | None = at("4+", default=None)
    client_id: String
    client_host: String
    member_metadata: Bytes
    member_assignment: Bytes


@struct
class DescribedGroup:
    error_code: Int16
    error_message: String | None = at("6+", default=None)
    group_id: String
    group_state: String
    protocol_type: String
    protocol_data: String
    members: list[DescribedGroupMember]
    authorized_operations: Int32 = at("3+", default=-2147483648)


# v1 adds throttle_time_ms; v3 adds authorized_operations; v4 adds group_instance_id (KIP-345).
# v5 is flexible; v6 adds error_message, and GROUP_ID_NOT_FOUND for a group unknown (KIP-1043).
@message(key=15, versions="0-6", flexible="5+")
class DescribeGroupsResponse:
    throttle_time_ms: Int32 = at("1+", default=0)
    groups: list[DescribedGroup]
