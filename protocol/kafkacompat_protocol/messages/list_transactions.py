"""ListTransactions (key 66): the transactional ids that a coordinator knows."""

from kafkacompat_protocol.schema import Int16, Int32, Int64, String, at, message, struct


# v1 adds duration_filter (KIP-994); v2 adds transactional_id_pattern (KIP-1152).
@message(key=66, versions="0-2", flexible="0+")
class ListTransactionsRequest:
    state_filters: list[String]
    producer_id_filters: list[Int64]
    duration_filter: Int64 = at("1+", default=-1)
    transactional_id_pattern: String | None = at("2+", default=None)


@struct
class ListedTransaction:
    transactional_id: String
    producer_id: Int64
    transaction_state: String


# v1 and v2 are the same as v0.
@message(key=66, versions="0-2", flexible="0+")
class ListTransactionsResponse:
    throttle_time_ms: Int32 = at(default=0)
    error_code: Int16
    unknown_state_filters: list[String]
    transaction_states: list[ListedTransaction]
