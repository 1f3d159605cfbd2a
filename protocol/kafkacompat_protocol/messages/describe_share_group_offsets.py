"""DescribeShareGroupOffsets (key 90): where the share-partitions of groups begin (KIP-932)."""

from kafkacompat_protocol.schema import Int16, Int32, Int64, String, Uuid, at, message, struct


@struct
class DescribeShareGroupOffsetsRequestTopic:
    topic_name: String
    partitions: list[Int32]


@struct
class DescribeShareGroupOffsetsRequestGroup:
    group_id: String
    topics: list[DescribeShareGroupOffsetsRequestTopic] | None
    """None is everything that the group has."""


# v1 is as v0.
@message(key=90, versions="0-1", flexible="0+")
class DescribeShareGroupOffsetsRequest:
    groups: list[DescribeShareGroupOffsetsRequestGroup]


@struct
class DescribeShareGroupOffsetsResponsePartition:
    partition_index: Int32
    start_offset: Int64
    leader_epoch: Int32
    lag: Int64 = at("1+", default=-1)
    error_code: Int16 = at(default=0)
    error_message: String | None = at(default=None)


@struct
class DescribeShareGroupOffsetsResponseTopic:
    topic_name: String
    topic_id: Uuid
    partitions: list[DescribeShareGroupOffsetsResponsePartition]


@struct
class DescribeShareGroupOffsetsResponseGroup:
    group_id: String
    topics: list[DescribeShareGroupOffsetsResponseTopic]
    error_code: Int16 = at(default=0)
    error_message: String | None = at(default=None)


# v1 adds the lag (KIP-1226).
@message(key=90, versions="0-1", flexible="0+")
class DescribeShareGroupOffsetsResponse:
    throttle_time_ms: Int32 = at(default=0)
    groups: list[DescribeShareGroupOffsetsResponseGroup]
