"""RenewDelegationToken (key 39): let a delegation token live longer (KIP-48)."""

from kafkacompat_protocol.schema import Bytes, Int16, Int32, Int64, at, message


# v2 is flexible.
@message(key=39, versions="0-2", flexible="2+")
class RenewDelegationTokenRequest:
    hmac: Bytes
    renew_period_ms: Int64


# v2 is flexible.
@message(key=39, versions="0-2", flexible="2+")
class RenewDelegationTokenResponse:
    error_code: Int16
    expiry_timestamp_ms: Int64
    throttle_time_ms: Int32 = at(default=0)
