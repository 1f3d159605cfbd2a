"""OffsetCommit (record types 0 and 1): an offset that a group committed."""

from kafkacompat_protocol.schema import ZERO_UUID, Int32, Int64, String, Uuid, at, message


# Type 0 has the same key as type 1; old brokers wrote it.
@message(key=1, versions="0")
class OffsetCommitKey:
    group: String
    topic: String
    partition: Int32


# v1 adds expire_timestamp, only there; v3 adds leader_epoch (KIP-320).
# v4 is flexible and adds topic_id (KIP-848).
@message(key=1, versions="0-4", flexible="4+")
class OffsetCommitValue:
    offset: Int64
    leader_epoch: Int32 = at("3+", default=-1)
    metadata: String
    commit_timestamp: Int64
    expire_timestamp: Int64 = at("1", default=-1)
    topic_id: Uuid = at("4+", tag=0, default=ZERO_UUID)
