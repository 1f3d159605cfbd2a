"""InitProducerId (key 22): get a producer id, and fence earlier users of a transactional id."""

from kafkacompat_protocol.schema import Int16, Int32, Int64, String, at, message


# v2 is flexible; v3 lets a producer keep its id and bump its epoch (KIP-360);
# v4 may answer PRODUCER_FENCED; v5 may answer TRANSACTION_ABORTABLE (KIP-890).
@message(key=22, versions="0-5", flexible="2+")
class InitProducerIdRequest:
    transactional_id: String | None
    transaction_timeout_ms: Int32
    producer_id: Int64 = at("3+", default=-1)
    producer_epoch: Int16 = at("3+", default=-1)


# v2 is flexible.
@message(key=22, versions="0-5", flexible="2+")
class InitProducerIdResponse:
    throttle_time_ms: Int32 = at(default=0)
    error_code: Int16
    producer_id: Int64 = at(default=-1)
    producer_epoch: Int16
