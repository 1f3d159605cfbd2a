"""DescribeConfigs (key 32): show the configuration of topics, brokers and groups."""

from kafkacompat_protocol.schema import Bool, Int8, Int16, Int32, String, at, message, struct


@struct
class DescribeConfigsResource:
    resource_type: Int8
    resource_name: String
    configuration_keys: list[String] | None


# v1 adds include_synonyms (KIP-226); v3 adds include_documentation (KIP-569); v4 is flexible.
@message(key=32, versions="0-4", flexible="4+")
class DescribeConfigsRequest:
    resources: list[DescribeConfigsResource]
    include_synonyms: Bool = at("1+", default=False)
    include_documentation: Bool = at("3+", default=False)


@struct
class DescribeConfigsSynonym:
    name: String
    value: String | None
    source: Int8


@struct
class DescribeConfigsResourceResult:
    name: String
    value: String | None
    read_only: Bool
    is_default: Bool = at("0", default=False)
    config_source: Int8 = at("1+", default=-1)
    is_sensitive: Bool
    synonyms: list[DescribeConfigsSynonym] = at("1+", default_factory=list)
    config_type: Int8 = at("3+", default=0)
    documentation: String | None = at("3+", default="")


@struct
class DescribeConfigsResult:
    error_code: Int16
    error_message: String | None
    resource_type: Int8
    resource_name: String
    configs: list[DescribeConfigsResourceResult]


# v0 says is_default where v1 names the source, and gives synonyms (KIP-226).
# v3 adds type and documentation (KIP-569); v4 is flexible.
@message(key=32, versions="0-4", flexible="4+")
class DescribeConfigsResponse:
    throttle_time_ms: Int32 = at(default=0)
    results: list[DescribeConfigsResult]
