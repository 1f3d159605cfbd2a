"""DescribeAcls (key 29): find access control entries by a filter (KIP-140)."""

from kafkacompat_protocol.schema import Int8, Int16, Int32, String, at, message, struct


# v1 adds pattern_type_filter (KIP-290); v2 is flexible; v3 knows resources of type user.
@message(key=29, versions="0-3", flexible="2+")
class DescribeAclsRequest:
    resource_type_filter: Int8
    resource_name_filter: String | None
    pattern_type_filter: Int8 = at("1+", default=3)
    principal_filter: String | None
    host_filter: String | None
    operation: Int8
    permission_type: Int8


@struct
class AclDescription:
    principal: String
    host: String
    operation: Int8
    permission_type: Int8


@struct
class DescribeAclsResource:
    resource_type: Int8
    resource_name: String
    pattern_type: Int8 = at("1+", default=3)
    acls: list[AclDescription]


# v1 adds pattern_type (KIP-290); v2 is flexible; v3 knows resources of type user.
@message(key=29, versions="0-3", flexible="2+")
class DescribeAclsResponse:
    throttle_time_ms: Int32 = at(default=0)
    error_code: Int16
    error_message: String | None
    resources: list[DescribeAclsResource]
