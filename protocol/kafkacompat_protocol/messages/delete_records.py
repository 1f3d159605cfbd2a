"""DeleteRecords (key 21): delete the records of partitions before an offset (KIP-107)."""

from kafkacompat_protocol.schema import Int16, Int32, Int64, String, at, message, struct


@struct
class DeleteRecordsPartition:
    partition_index: Int32
    offset: Int64


@struct
class DeleteRecordsTopic:
    name: String
    partitions: list[DeleteRecordsPartition]


# v1 is the same as v0; v2 is flexible (KIP-482).
@message(key=21, versions="0-2", flexible="2+")
class DeleteRecordsRequest:
    topics: list[DeleteRecordsTopic]
    timeout_ms: Int32


@struct
class DeleteRecordsPartitionResult:
    partition_index: Int32
    low_watermark: Int64
    error_code: Int16


@struct
class DeleteRecordsTopicResult:
    name: String
    partitions: list[DeleteRecordsPartitionResult]


# v1 may be answered before a quota is waited for (KIP-219); v2 is flexible.
@message(key=21, versions="0-2", flexible="2+")
class DeleteRecordsResponse:
    throttle_time_ms: Int32 = at(default=0)
    topics: list[DeleteRecordsTopicResult]
