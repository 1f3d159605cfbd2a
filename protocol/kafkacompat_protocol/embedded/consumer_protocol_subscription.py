"""ConsumerProtocolSubscription: what a consumer subscribes to, in JoinGroup's metadata."""

from kafkacompat_protocol.schema import Bytes, Int32, String, at, message, struct


@struct
class OwnedTopicPartition:
    topic: String
    partitions: list[Int32]


# v1 adds owned_partitions (KIP-429); v2 generation_id (KIP-792); v3 rack_id (KIP-881).
@message(versions="0-3")
class ConsumerProtocolSubscription:
    topics: list[String]
    user_data: Bytes | None = at(default=None)
    owned_partitions: list[OwnedTopicPartition] = at("1+", default_factory=list)
    generation_id: Int32 = at("2+", default=-1)
    rack_id: String | None = at("3+", default=None)
