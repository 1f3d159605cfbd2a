"""RemoveRaftVoter (key 81): let a controller no longer vote on the metadata (KIP-853)."""

from kafkacompat_protocol.schema import Int16, Int32, String, Uuid, at, message


# v0 is the only version.
@message(key=81, versions="0", flexible="0+")
class RemoveRaftVoterRequest:
    cluster_id: String | None = at(default=None)
    voter_id: Int32
    voter_directory_id: Uuid


# v0 is the only version.
@message(key=81, versions="0", flexible="0+")
class RemoveRaftVoterResponse:
    throttle_time_ms: Int32 = at(default=0)
    error_code: Int16
    error_message: String | None = at(default=None)
