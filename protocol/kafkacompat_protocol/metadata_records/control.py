"""Bodies of control records in KRaft logs and snapshots; each says its own version first."""

from kafkacompat_protocol.schema import (
    ZERO_UUID,
    Int16,
    Int32,
    Int64,
    String,
    UInt16,
    Uuid,
    at,
    message,
    struct,
)


@struct
class Voter:
    voter_id: Int32
    voter_directory_id: Uuid = at("1+", default=ZERO_UUID)


# First record of a leader epoch (KIP-595). v1 adds voter_directory_id (KIP-853).
@message(versions="0-1", flexible="0+")
class LeaderChangeMessage:
    version: Int16
    leader_id: Int32
    voters: list[Voter]
    granting_voters: list[Voter]


# First record of a snapshot (KIP-630).
@message(versions="0", flexible="0+")
class SnapshotHeaderRecord:
    version: Int16
    last_contained_log_timestamp: Int64


# Last record of a snapshot (KIP-630).
@message(versions="0", flexible="0+")
class SnapshotFooterRecord:
    version: Int16


# The finalised kraft.version (KIP-853).
@message(versions="0", flexible="0+")
class KRaftVersionRecord:
    version: Int16
    kraft_version: Int16


@struct
class Endpoint:
    name: String
    host: String
    port: UInt16


@struct
class KRaftVersionFeature:
    min_supported_version: Int16
    max_supported_version: Int16


@struct
class RegisteredVoter:
    voter_id: Int32
    voter_directory_id: Uuid
    endpoints: list[Endpoint]
    kraft_version_feature: KRaftVersionFeature


# The voters of the quorum, from kraft.version 1 on (KIP-853).
@message(versions="0", flexible="0+")
class VotersRecord:
    version: Int16
    voters: list[RegisteredVoter]
