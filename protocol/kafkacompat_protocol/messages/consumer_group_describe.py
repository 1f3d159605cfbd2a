"""ConsumerGroupDescribe (key 69): members of consumer groups, and what they have (KIP-848)."""

from kafkacompat_protocol.schema import Bool, Int8, Int16, Int32, String, Uuid, at, message, struct


# v1 is the same as v0.
@message(key=69, versions="0-1", flexible="0+")
class ConsumerGroupDescribeRequest:
    group_ids: list[String]
    include_authorized_operations: Bool


@struct
class ConsumerGroupDescribeTopicPartitions:
    topic_id: Uuid
    topic_name: String
    partitions: list[Int32]


@struct
class ConsumerGroupDescribeAssignment:
    topic_partitions: list[ConsumerGroupDescribeTopicPartitions]


@struct
class ConsumerGroupDescribeMember:
    member_id: String
    instance_id: String | None = at(default=None)
    rack_id: String | None = at(default=None)
    member_epoch: Int32
    client_id: String
    client_host: String
    subscribed_topic_names: list[String]
    subscribed_topic_regex: String | None = at(default=None)
    assignment: ConsumerGroupDescribeAssignment
    target_assignment: ConsumerGroupDescribeAssignment
    member_type: Int8 = at("1+", default=-1)
    """0 of the classic protocol, 1 of the consumer protocol."""


@struct
class ConsumerGroupDescribeGroup:
    error_code: Int16
    error_message: String | None = at(default=None)
    group_id: String
    group_state: String
    group_epoch: Int32
    assignment_epoch: Int32
    assignor_name: String
    members: list[ConsumerGroupDescribeMember]
    authorized_operations: Int32 = at(default=-2147483648)


# v1 adds member_type (KIP-1099).
@message(key=69, versions="0-1", flexible="0+")
class ConsumerGroupDescribeResponse:
    throttle_time_ms: Int32 = at(default=0)
    groups: list[ConsumerGroupDescribeGroup]
