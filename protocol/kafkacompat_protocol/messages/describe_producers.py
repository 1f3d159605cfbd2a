"""DescribeProducers (key 61): the producers that partitions know, and their transactions."""

from kafkacompat_protocol.schema import Int16, Int32, Int64, String, at, message, struct


@struct
class DescribeProducersRequestTopic:
    name: String
    partition_indexes: list[Int32]


# v0 is the only version (KIP-664).
@message(key=61, versions="0", flexible="0+")
class DescribeProducersRequest:
    topics: list[DescribeProducersRequestTopic]


@struct
class ProducerState:
    producer_id: Int64
    producer_epoch: Int32
    last_sequence: Int32 = at(default=-1)
    last_timestamp: Int64 = at(default=-1)
    coordinator_epoch: Int32
    current_txn_start_offset: Int64 = at(default=-1)


@struct
class DescribeProducersResponsePartition:
    partition_index: Int32
    error_code: Int16
    error_message: String | None = at(default=None)
    active_producers: list[ProducerState]


@struct
class DescribeProducersResponseTopic:
    name: String
    partitions: list[DescribeProducersResponsePartition]


# v0 is the only version (KIP-664).
@message(key=61, versions="0", flexible="0+")
class DescribeProducersResponse:
    throttle_time_ms: Int32 = at(default=0)
    topics: list[DescribeProducersResponseTopic]
