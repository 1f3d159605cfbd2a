"""DescribeClientQuotas (key 48): show the quotas of clients (KIP-546)."""

from kafkacompat_protocol.schema import (
    Bool,
    Float64,
    Int8,
    Int16,
    Int32,
    String,
    at,
    message,
    struct,
)


@struct
class ComponentData:
    entity_type: String
    match_type: Int8
    """0 exact name, 1 the default entity, 2 any."""
    match: String | None


# v1 is flexible.
@message(key=48, versions="0-1", flexible="1+")
class DescribeClientQuotasRequest:
    components: list[ComponentData]
    strict: Bool


@struct
class EntityData:
    entity_type: String
    entity_name: String | None


@struct
class ValueData:
    key: String
    value: Float64


@struct
class EntryData:
    entity: list[EntityData]
    values: list[ValueData]


# v1 is flexible.
@message(key=48, versions="0-1", flexible="1+")
class DescribeClientQuotasResponse:
    throttle_time_ms: Int32 = at(default=0)
    error_code: Int16
    error_message: String | None
    entries: list[EntryData] | None
