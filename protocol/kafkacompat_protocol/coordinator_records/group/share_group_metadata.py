"""ShareGroupMetadata (record type 11): a share group's epoch."""

from kafkacompat_protocol.schema import Int32, Int64, String, message


@message(key=11, versions="0")
class ShareGroupMetadataKey:
    group_id: String


@message(key=11, versions="0", flexible="0+")
class ShareGroupMetadataValue:
    epoch: Int32
    metadata_hash: Int64
    """Of the topics that members subscribe to, by which a change of them is noticed."""
