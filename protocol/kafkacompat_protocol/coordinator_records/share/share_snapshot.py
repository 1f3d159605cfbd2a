"""ShareSnapshot (record type 0): all of a share-partition's state."""

from kafkacompat_protocol.schema import Int8, Int16, Int32, Int64, String, Uuid, at, message, struct


@message(key=0, versions="0")
class ShareSnapshotKey:
    group_id: String
    topic_id: Uuid
    partition: Int32


@struct
class ShareSnapshotStateBatch:
    first_offset: Int64
    last_offset: Int64
    delivery_state: Int8
    """0 available, 2 acknowledged, 4 archived."""
    delivery_count: Int16


# Kafka 4.2 adds delivery_complete_count (KIP-1226), as a tag of v0.
@message(key=0, versions="0", flexible="0+")
class ShareSnapshotValue:
    snapshot_epoch: Int32
    state_epoch: Int32
    leader_epoch: Int32
    start_offset: Int64
    delivery_complete_count: Int32 = at("0+", tag=0, default=-1)
    create_timestamp: Int64
    write_timestamp: Int64
    state_batches: list[ShareSnapshotStateBatch]
