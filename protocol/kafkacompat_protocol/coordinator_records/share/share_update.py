"""ShareUpdate (record type 1): what has changed of a share-partition since its snapshot."""

from kafkacompat_protocol.schema import Int8, Int16, Int32, Int64, String, Uuid, at, message, struct


@message(key=1, versions="0")
class ShareUpdateKey:
    group_id: String
    topic_id: Uuid
    partition: Int32


@struct
class ShareUpdateStateBatch:
    first_offset: Int64
    last_offset: Int64
    delivery_state: Int8
    """0 available, 2 acknowledged, 4 archived."""
    delivery_count: Int16


# Kafka 4.2 adds delivery_complete_count (KIP-1226), as a tag of v0.
@message(key=1, versions="0", flexible="0+")
class ShareUpdateValue:
    snapshot_epoch: Int32
    leader_epoch: Int32
    start_offset: Int64
    """-1 where it has not changed."""
    delivery_complete_count: Int32 = at("0+", tag=0, default=-1)
    state_batches: list[ShareUpdateStateBatch]
