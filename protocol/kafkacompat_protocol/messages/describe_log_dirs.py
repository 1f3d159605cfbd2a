"""DescribeLogDirs (key 35): which replicas are in which log directory, and how large they are."""

from kafkacompat_protocol.schema import Bool, Int16, Int32, Int64, String, at, message, struct


@struct
class DescribableLogDirTopic:
    topic: String
    partitions: list[Int32]


# v2 is flexible (KIP-482); v3 to v5 differ in the answer only.
@message(key=35, versions="0-5", flexible="2+")
class DescribeLogDirsRequest:
    topics: list[DescribableLogDirTopic] | None


@struct
class DescribeLogDirsPartition:
    partition_index: Int32
    partition_size: Int64
    offset_lag: Int64
    is_future_key: Bool


@struct
class DescribeLogDirsTopic:
    name: String
    partitions: list[DescribeLogDirsPartition]


@struct
class DescribeLogDirsResult:
    error_code: Int16
    log_dir: String
    topics: list[DescribeLogDirsTopic]
    total_bytes: Int64 = at("4+", default=-1)
    usable_bytes: Int64 = at("4+", default=-1)
    is_cordoned: Bool = at("5+", default=False)


# v2 is flexible; v3 adds error_code; v4 the size of the volume (KIP-827); v5 is_cordoned.
@message(key=35, versions="0-5", flexible="2+")
class DescribeLogDirsResponse:
    throttle_time_ms: Int32 = at(default=0)
    error_code: Int16 = at("3+", default=0)
    results: list[DescribeLogDirsResult]
