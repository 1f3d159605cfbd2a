"""ShareGroupStatePartitionMetadata (record type 15): what a share group has state of."""

from kafkacompat_protocol.schema import Int32, String, Uuid, message, struct


@message(key=15, versions="0")
class ShareGroupStatePartitionMetadataKey:
    group_id: String


@struct
class ShareGroupStateTopicPartitions:
    topic_id: Uuid
    topic_name: String
    partitions: list[Int32]


@struct
class ShareGroupStateTopic:
    topic_id: Uuid
    topic_name: String


@message(key=15, versions="0", flexible="0+")
class ShareGroupStatePartitionMetadataValue:
    initializing_topics: list[ShareGroupStateTopicPartitions]
    initialized_topics: list[ShareGroupStateTopicPartitions]
    deleting_topics: list[ShareGroupStateTopic]
