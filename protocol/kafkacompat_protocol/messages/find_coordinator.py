"""FindCoordinator (key 10): find the broker that coordinates a group or transactional id."""

from kafkacompat_protocol.schema import Int8, Int16, Int32, String, at, message, struct


# v1 adds key_type: 0 group, 1 transaction (KIP-98), and from v6 on 2 share (KIP-932).
# v3 is flexible; v4 asks for several keys (KIP-699); v5 may answer TRANSACTION_ABORTABLE.
@message(key=10, versions="0-6", flexible="3+")
class FindCoordinatorRequest:
    key: String = at("0-3", default="")
    key_type: Int8 = at("1+", default=0)
    coordinator_keys: list[String] = at("4+", default_factory=list)


@struct
class Coordinator:
    key: String
    node_id: Int32
    host: String
    port: Int32
    error_code: Int16
    error_message: String | None


# v1 adds throttle_time_ms and error_message; v3 is flexible; v4 answers per key.
@message(key=10, versions="0-6", flexible="3+")
class FindCoordinatorResponse:
    throttle_time_ms: Int32 = at("1+", default=0)
    error_code: Int16 = at("0-3", default=0)
    error_message: String | None = at("1-3", default="")
    node_id: Int32 = at("0-3", default=0)
    host: String = at("0-3", default="")
    port: Int32 = at("0-3", default=0)
    coordinators: list[Coordinator] = at("4+", default_factory=list)
