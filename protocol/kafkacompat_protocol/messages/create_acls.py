"""CreateAcls (key 30): add access control entries (KIP-140)."""

from kafkacompat_protocol.schema import Int8, Int16, Int32, String, at, message, struct


@struct
class AclCreation:
    resource_type: Int8
    resource_name: String
    resource_pattern_type: Int8 = at("1+", default=3)
    principal: String
    host: String
    operation: Int8
    permission_type: Int8


# v1 adds resource_pattern_type (KIP-290); v2 is flexible; v3 knows resources of type user.
@message(key=30, versions="0-3", flexible="2+")
class CreateAclsRequest:
    creations: list[AclCreation]


@struct
class AclCreationResult:
    error_code: Int16
    error_message: String | None


# v2 is flexible.
@message(key=30, versions="0-3", flexible="2+")
class CreateAclsResponse:
    throttle_time_ms: Int32 = at(default=0)
    results: list[AclCreationResult]
