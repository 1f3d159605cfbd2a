"""DeleteGroups (key 42): delete empty groups and their offsets."""

from kafkacompat_protocol.schema import Int16, Int32, String, at, message, struct


# v2 is flexible.
@message(key=42, versions="0-2", flexible="2+")
class DeleteGroupsRequest:
    groups_names: list[String]


@struct
class DeletableGroupResult:
    group_id: String
    error_code: Int16


# v2 is flexible.
@message(key=42, versions="0-2", flexible="2+")
class DeleteGroupsResponse:
    throttle_time_ms: Int32 = at(default=0)
    results: list[DeletableGroupResult]
