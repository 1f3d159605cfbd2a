"""IncrementalAlterConfigs (key 44): change single keys of topics, brokers and groups (KIP-339)."""

from kafkacompat_protocol.schema import Bool, Int8, Int16, Int32, String, at, message, struct


@struct
class IncrementalAlterableConfig:
    name: String
    config_operation: Int8
    """0 set, 1 delete, 2 append, 3 subtract."""
    value: String | None


@struct
class IncrementalAlterConfigsResource:
    resource_type: Int8
    resource_name: String
    configs: list[IncrementalAlterableConfig]


# v1 is flexible.
@message(key=44, versions="0-1", flexible="1+")
class IncrementalAlterConfigsRequest:
    resources: list[IncrementalAlterConfigsResource]
    validate_only: Bool


@struct
class IncrementalAlterConfigsResourceResponse:
    error_code: Int16
    error_message: String | None
    resource_type: Int8
    resource_name: String


# v1 is flexible.
@message(key=44, versions="0-1", flexible="1+")
class IncrementalAlterConfigsResponse:
    throttle_time_ms: Int32 = at(default=0)
    responses: list[IncrementalAlterConfigsResourceResponse]
