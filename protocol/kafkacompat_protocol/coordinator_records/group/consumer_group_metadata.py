"""ConsumerGroupMetadata (record type 3): a consumer group's epoch."""

from kafkacompat_protocol.schema import Int32, Int64, String, at, message


@message(key=3, versions="0")
class ConsumerGroupMetadataKey:
    group_id: String


@message(key=3, versions="0", flexible="0+")
class ConsumerGroupMetadataValue:
    epoch: Int32
    metadata_hash: Int64 = at("0+", tag=0, default=0)
    """Of the topics that members subscribe to, by which a change of them is noticed."""
