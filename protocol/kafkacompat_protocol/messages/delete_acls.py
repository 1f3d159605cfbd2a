"""DeleteAcls (key 31): delete access control entries by filters (KIP-140)."""

from kafkacompat_protocol.schema import Int8, Int16, Int32, String, at, message, struct


@struct
class DeleteAclsFilter:
    resource_type_filter: Int8
    resource_name_filter: String | None
    pattern_type_filter: Int8 = at("1+", default=3)
    principal_filter: String | None
    host_filter: String | None
    operation: Int8
    permission_type: Int8


# v1 adds pattern_type_filter (KIP-290); v2 is flexible; v3 knows resources of type user.
@message(key=31, versions="0-3", flexible="2+")
class DeleteAclsRequest:
    filters: list[DeleteAclsFilter]


@struct
class DeleteAclsMatchingAcl:
    error_code: Int16
    error_message: String | None
    resource_type: Int8
    resource_name: String
    pattern_type: Int8 = at("1+", default=3)
    principal: String
    host: String
    operation: Int8
    permission_type: Int8


@struct
class DeleteAclsFilterResult:
    error_code: Int16
    error_message: String | None
    matching_acls: list[DeleteAclsMatchingAcl]


# v1 adds pattern_type (KIP-290); v2 is flexible; v3 knows resources of type user.
@message(key=31, versions="0-3", flexible="2+")
class DeleteAclsResponse:
    throttle_time_ms: Int32 = at(default=0)
    filter_results: list[DeleteAclsFilterResult]
