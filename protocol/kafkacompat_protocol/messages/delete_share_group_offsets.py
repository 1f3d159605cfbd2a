"""DeleteShareGroupOffsets (key 92): forget topics, in an empty group (KIP-932)."""

from kafkacompat_protocol.schema import Int16, Int32, String, Uuid, at, message, struct


@struct
class DeleteShareGroupOffsetsRequestTopic:
    topic_name: String


# v0 is the only version.
@message(key=92, versions="0", flexible="0+")
class DeleteShareGroupOffsetsRequest:
    group_id: String
    topics: list[DeleteShareGroupOffsetsRequestTopic]


@struct
class DeleteShareGroupOffsetsResponseTopic:
    topic_name: String
    topic_id: Uuid
    error_code: Int16 = at(default=0)
    error_message: String | None = at(default=None)


# v0 is the only version.
@message(key=92, versions="0", flexible="0+")
class DeleteShareGroupOffsetsResponse:
    throttle_time_ms: Int32 = at(default=0)
    error_code: Int16 = at(default=0)
    error_message: String | None = at(default=None)
    responses: list[DeleteShareGroupOffsetsResponseTopic] = at(default_factory=list)
