"""EndTxn (key 26): commit or abort a transaction."""

from kafkacompat_protocol.schema import Bool, Int16, Int32, Int64, String, at, message


# v2 may answer PRODUCER_FENCED; v3 is flexible; v4 may answer TRANSACTION_ABORTABLE.
# v5 bumps the epoch with every transaction (KIP-890, part 2).
@message(key=26, versions="0-5", flexible="3+")
class EndTxnRequest:
    transactional_id: String
    producer_id: Int64
    producer_epoch: Int16
    committed: Bool


# v5 adds the producer's next id and epoch.
@message(key=26, versions="0-5", flexible="3+")
class EndTxnResponse:
    throttle_time_ms: Int32 = at(default=0)
    error_code: Int16
    producer_id: Int64 = at("5+", default=-1)
    producer_epoch: Int16 = at("5+", default=-1)
