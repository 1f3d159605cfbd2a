"""AlterConfigs (key 33): replace the whole configuration of topics, brokers and groups."""

from kafkacompat_protocol.schema import Bool, Int8, Int16, Int32, String, at, message, struct


@struct
class AlterableConfig:
    name: String
    value: String | None


@struct
class AlterConfigsResource:
    resource_type: Int8
    resource_name: String
    configs: list[AlterableConfig]


# v1 differs in nothing; v2 is flexible.
@message(key=33, versions="0-2", flexible="2+")
class AlterConfigsRequest:
    resources: list[AlterConfigsResource]
    validate_only: Bool


@struct
class AlterConfigsResourceResponse:
    error_code: Int16
    error_message: String | None
    resource_type: Int8
    resource_name: String


# v1 differs in nothing; v2 is flexible.
@message(key=33, versions="0-2", flexible="2+")
class AlterConfigsResponse:
    throttle_time_ms: Int32 = at(default=0)
    responses: list[AlterConfigsResourceResponse]
