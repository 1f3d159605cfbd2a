"""UnregisterBroker (key 64): forget a broker that will not come back (KIP-631)."""

from kafkacompat_protocol.schema import Int16, Int32, String, at, message


# v0 is the only version.
@message(key=64, versions="0", flexible="0+")
class UnregisterBrokerRequest:
    broker_id: Int32


# v0 is the only version.
@message(key=64, versions="0", flexible="0+")
class UnregisterBrokerResponse:
    throttle_time_ms: Int32 = at(default=0)
    error_code: Int16
    error_message: String | None = at(default=None)
