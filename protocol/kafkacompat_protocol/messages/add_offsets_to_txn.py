"""AddOffsetsToTxn (key 25): say that a transaction will commit offsets of a group."""

from kafkacompat_protocol.schema import Int16, Int32, Int64, String, at, message


# v2 may answer PRODUCER_FENCED; v3 is flexible; v4 may answer TRANSACTION_ABORTABLE (KIP-890).
@message(key=25, versions="0-4", flexible="3+")
class AddOffsetsToTxnRequest:
    transactional_id: String
    producer_id: Int64
    producer_epoch: Int16
    group_id: String


# v3 is flexible.
@message(key=25, versions="0-4", flexible="3+")
class AddOffsetsToTxnResponse:
    throttle_time_ms: Int32 = at(default=0)
    error_code: Int16
