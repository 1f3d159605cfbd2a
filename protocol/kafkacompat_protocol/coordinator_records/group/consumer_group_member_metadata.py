"""ConsumerGroupMemberMetadata (record type 5): what a member says of itself."""

from kafkacompat_protocol.schema import Bytes, Int32, String, at, message, struct


@message(key=5, versions="0")
class ConsumerGroupMemberMetadataKey:
    group_id: String
    member_id: String


@struct
class ClassicProtocol:
    name: String
    metadata: Bytes


@struct
class ClassicMemberMetadata:
    session_timeout_ms: Int32 = at(default=0)
    supported_protocols: list[ClassicProtocol] = at(default_factory=list)


@message(key=5, versions="0", flexible="0+")
class ConsumerGroupMemberMetadataValue:
    instance_id: String | None = at(default=None)
    rack_id: String | None = at(default=None)
    client_id: String
    client_host: String
    subscribed_topic_names: list[String]
    subscribed_topic_regex: String | None = at(default=None)
    rebalance_timeout_ms: Int32 = at(default=-1)
    server_assignor: String | None = at(default=None)
    classic_member_metadata: ClassicMemberMetadata | None = at(
        "0+", tag=0, default_factory=ClassicMemberMetadata
    )
    """Of a member that speaks the classic protocol while its group is being migrated."""
