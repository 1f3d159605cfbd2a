"""AddPartitionsToTxn (key 24): name the partitions that a transaction will write to."""

from kafkacompat_protocol.schema import Bool, Int16, Int32, Int64, String, at, message, struct


@struct
class AddPartitionsToTxnTopic:
    name: String
    partitions: list[Int32]


@struct
class AddPartitionsToTxnTransaction:
    transactional_id: String
    producer_id: Int64
    producer_epoch: Int16
    verify_only: Bool = at(default=False)
    topics: list[AddPartitionsToTxnTopic]


# v2 may answer PRODUCER_FENCED; v3 is flexible.
# v4 has several transactions at once, and asks without adding (KIP-890).
# v5 may answer TRANSACTION_ABORTABLE.
@message(key=24, versions="0-5", flexible="3+")
class AddPartitionsToTxnRequest:
    transactions: list[AddPartitionsToTxnTransaction] = at("4+", default_factory=list)
    v3_and_below_transactional_id: String = at("0-3", default="")
    v3_and_below_producer_id: Int64 = at("0-3", default=0)
    v3_and_below_producer_epoch: Int16 = at("0-3", default=0)
    v3_and_below_topics: list[AddPartitionsToTxnTopic] = at("0-3", default_factory=list)


@struct
class AddPartitionsToTxnPartitionResult:
    partition_index: Int32
    partition_error_code: Int16


@struct
class AddPartitionsToTxnTopicResult:
    name: String
    results_by_partition: list[AddPartitionsToTxnPartitionResult]


@struct
class AddPartitionsToTxnResult:
    transactional_id: String
    topic_results: list[AddPartitionsToTxnTopicResult]


# v4 adds an error of the whole request.
@message(key=24, versions="0-5", flexible="3+")
class AddPartitionsToTxnResponse:
    throttle_time_ms: Int32 = at(default=0)
    error_code: Int16 = at("4+", default=0)
    results_by_transaction: list[AddPartitionsToTxnResult] = at("4+", default_factory=list)
    results_by_topic_v3_and_below: list[AddPartitionsToTxnTopicResult] = at(
        "0-3", default_factory=list
    )
