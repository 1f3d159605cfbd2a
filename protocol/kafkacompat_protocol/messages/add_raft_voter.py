"""AddRaftVoter (key 80): let another controller vote on the cluster's metadata (KIP-853)."""

from kafkacompat_protocol.schema import (
    Bool,
    Int16,
    Int32,
    String,
    UInt16,
    Uuid,
    at,
    message,
    struct,
)


@struct
class VoterListener:
    name: String
    host: String
    port: UInt16


# v1 adds ack_when_committed.
@message(key=80, versions="0-1", flexible="0+")
class AddRaftVoterRequest:
    cluster_id: String | None = at(default=None)
    timeout_ms: Int32
    voter_id: Int32
    voter_directory_id: Uuid
    listeners: list[VoterListener]
    ack_when_committed: Bool = at("1+", default=True)


# v1 is the same as v0.
@message(key=80, versions="0-1", flexible="0+")
class AddRaftVoterResponse:
    throttle_time_ms: Int32 = at(default=0)
    error_code: Int16
    error_message: String | None = at(default=None)
