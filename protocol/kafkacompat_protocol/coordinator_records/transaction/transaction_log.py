"""TransactionLog (record type 0): what a transactional id is doing."""

from kafkacompat_protocol.schema import Int8, Int16, Int32, Int64, String, at, message, struct


# v0 is the only version.
@message(key=0, versions="0")
class TransactionLogKey:
    transactional_id: String


@struct
class TransactionLogPartitions:
    topic: String
    partition_ids: list[Int32]


# v1 is flexible and adds the ids before and after a change of the producer id (KIP-915) and
# the client's version of transactions (KIP-890); next_producer_epoch came later (KIP-939).
@message(key=0, versions="0-1", flexible="1+")
class TransactionLogValue:
    producer_id: Int64
    previous_producer_id: Int64 = at("1+", tag=0, default=-1)
    next_producer_id: Int64 = at("1+", tag=1, default=-1)
    producer_epoch: Int16
    next_producer_epoch: Int16 = at("1+", tag=3, default=-1)
    transaction_timeout_ms: Int32
    transaction_status: Int8
    transaction_partitions: list[TransactionLogPartitions] | None
    transaction_last_update_timestamp_ms: Int64
    transaction_start_timestamp_ms: Int64
    client_transaction_version: Int16 = at("1+", tag=2, default=0)
