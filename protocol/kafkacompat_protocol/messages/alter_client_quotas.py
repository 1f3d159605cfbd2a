"""AlterClientQuotas (key 49): change the quotas of clients (KIP-546)."""

from kafkacompat_protocol.schema import Bool, Float64, Int16, Int32, String, at, message, struct


@struct
class EntityData:
    entity_type: String
    entity_name: String | None


@struct
class OpData:
    key: String
    value: Float64
    remove: Bool


@struct
class EntryData:
    entity: list[EntityData]
    ops: list[OpData]


# v1 is flexible.
@message(key=49, versions="0-1", flexible="1+")
class AlterClientQuotasRequest:
    entries: list[EntryData]
    validate_only: Bool


@struct
class AlteredEntry:
    error_code: Int16
    error_message: String | None
    entity: list[EntityData]


# v1 is flexible.
@message(key=49, versions="0-1", flexible="1+")
class AlterClientQuotasResponse:
    throttle_time_ms: Int32 = at(default=0)
    entries: list[AlteredEntry]
