"""ShareGroupDescribe (key 77): the state and members of share groups (KIP-932)."""

from kafkacompat_protocol.schema import Bool, Int16, Int32, String, Uuid, at, message, struct


# v0 was never stable (KIP-932).
@message(key=77, versions="1", flexible="0+")
class ShareGroupDescribeRequest:
    group_ids: list[String]
    include_authorized_operations: Bool


@struct
class ShareGroupDescribeTopicPartitions:
    topic_id: Uuid
    topic_name: String
    partitions: list[Int32]


@struct
class ShareGroupDescribeAssignment:
    topic_partitions: list[ShareGroupDescribeTopicPartitions]


@struct
class ShareGroupDescribeMember:
    member_id: String
    rack_id: String | None = at(default=None)
    member_epoch: Int32
    client_id: String
    client_host: String
    subscribed_topic_names: list[String]
    assignment: ShareGroupDescribeAssignment


@struct
class ShareGroupDescribeGroup:
    error_code: Int16
    error_message: String | None = at(default=None)
    group_id: String
    group_state: String = at(default="")
    group_epoch: Int32 = at(default=0)
    assignment_epoch: Int32 = at(default=0)
    assignor_name: String = at(default="")
    members: list[ShareGroupDescribeMember] = at(default_factory=list)
    authorized_operations: Int32 = at(default=-2147483648)


# v0 was never stable (KIP-932).
@message(key=77, versions="1", flexible="0+")
class ShareGroupDescribeResponse:
    throttle_time_ms: Int32 = at(default=0)
    groups: list[ShareGroupDescribeGroup]
