"""ExpireDelegationToken (key 40): let a delegation token end earlier (KIP-48)."""

from kafkacompat_protocol.schema import Bytes, Int16, Int32, Int64, at, message


# v2 is flexible.
@message(key=40, versions="0-2", flexible="2+")
class ExpireDelegationTokenRequest:
    hmac: Bytes
    expiry_time_period_ms: Int64


# v2 is flexible.
@message(key=40, versions="0-2", flexible="2+")
class ExpireDelegationTokenResponse:
    error_code: Int16
    expiry_timestamp_ms: Int64
    throttle_time_ms: Int32 = at(default=0)
