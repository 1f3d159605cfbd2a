"""ListConfigResources (key 74): name the resources that have a configuration (KIP-1142)."""

from kafkacompat_protocol.schema import Int8, Int16, Int32, String, at, message, struct


# v0 (KIP-714) is about client-metrics resources only; v1 takes types, and none for all.
@message(key=74, versions="0-1", flexible="0+")
class ListConfigResourcesRequest:
    resource_types: list[Int8] = at("1+", default_factory=list)


@struct
class ConfigResource:
    resource_name: String
    resource_type: Int8 = at("1+", default=16)


# v1 says of what type each resource is.
@message(key=74, versions="0-1", flexible="0+")
class ListConfigResourcesResponse:
    throttle_time_ms: Int32 = at(default=0)
    error_code: Int16
    config_resources: list[ConfigResource]
