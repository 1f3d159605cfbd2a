"""ShareGroupMemberMetadata (record type 10): what a member of a share group says of itself."""

from kafkacompat_protocol.schema import String, at, message


@message(key=10, versions="0")
class ShareGroupMemberMetadataKey:
    group_id: String
    member_id: String


@message(key=10, versions="0", flexible="0+")
class ShareGroupMemberMetadataValue:
    rack_id: String | None = at(default=None)
    client_id: String
    client_host: String
    subscribed_topic_names: list[String]
