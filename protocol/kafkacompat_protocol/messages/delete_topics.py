"""DeleteTopics (key 20): delete topics."""

from kafkacompat_protocol.schema import ZERO_UUID, Int16, Int32, String, Uuid, at, message, struct


@struct
class DeleteTopicState:
    name: String | None = at(default=None)
    topic_id: Uuid


# v4 is flexible; v5 may answer THROTTLING_QUOTA_EXCEEDED (KIP-599); v6 finds topics by id.
@message(key=20, versions="0-6", flexible="4+")
class DeleteTopicsRequest:
    topics: list[DeleteTopicState] = at("6+", default_factory=list)
    topic_names: list[String] = at("0-5", default_factory=list)
    timeout_ms: Int32


@struct
class DeletableTopicResult:
    name: String | None = at(nullable="6+", default="")
    topic_id: Uuid = at("6+", default=ZERO_UUID)
    error_code: Int16
    error_message: String | None = at("5+", default=None)


# v1 adds throttle_time_ms; v4 is flexible; v5 adds error_message; v6 adds topic_id (KIP-516).
@message(key=20, versions="0-6", flexible="4+")
class DeleteTopicsResponse:
    throttle_time_ms: Int32 = at("1+", default=0)
    responses: list[DeletableTopicResult]
