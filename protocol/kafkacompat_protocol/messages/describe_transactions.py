"""DescribeTransactions (key 65): what transactional ids are doing."""

from kafkacompat_protocol.schema import Int16, Int32, Int64, String, at, message, struct


# v0 is the only version (KIP-664).
@message(key=65, versions="0", flexible="0+")
class DescribeTransactionsRequest:
    transactional_ids: list[String]


@struct
class TransactionTopic:
    topic: String
    partitions: list[Int32]


@struct
class TransactionDescription:
    error_code: Int16
    transactional_id: String
    transaction_state: String
    transaction_timeout_ms: Int32
    transaction_start_time_ms: Int64
    producer_id: Int64
    producer_epoch: Int16
    topics: list[TransactionTopic]


# v0 is the only version (KIP-664).
@message(key=65, versions="0", flexible="0+")
class DescribeTransactionsResponse:
    throttle_time_ms: Int32 = at(default=0)
    transaction_states: list[TransactionDescription]
