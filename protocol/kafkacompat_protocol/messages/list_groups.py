"""ListGroups (key 16): list the groups that a broker coordinates."""

from kafkacompat_protocol.schema import Int16, Int32, String, at, message, struct


# v3 is flexible; v4 adds states_filter (KIP-518); v5 adds types_filter (KIP-848).
@message(key=16, versions="0-5", flexible="3+")
class ListGroupsRequest:
    states_filter: list[String] = at("4+", default_factory=list)
    types_filter: list[String] = at("5+", default_factory=list)


@struct
class ListedGroup:
    group_id: String
    protocol_type: String
    group_state: String = at("4+", default="")
    group_type: String = at("5+", default="")


# v1 adds throttle_time_ms; v3 is flexible; v4 adds group_state; v5 adds group_type.
@message(key=16, versions="0-5", flexible="3+")
class ListGroupsResponse:
    throttle_time_ms: Int32 = at("1+", default=0)
    error_code: Int16
    groups: list[ListedGroup]
