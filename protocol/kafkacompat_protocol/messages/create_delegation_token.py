"""CreateDelegationToken (key 38): get a delegation token (KIP-48)."""

from kafkacompat_protocol.schema import Bytes, Int16, Int32, Int64, String, at, message, struct


@struct
class CreatableRenewers:
    principal_type: String
    principal_name: String


# v2 is flexible; v3 adds the owner, if that is not who asks (KIP-373).
@message(key=38, versions="0-3", flexible="2+")
class CreateDelegationTokenRequest:
    owner_principal_type: String | None = at("3+", default=None)
    owner_principal_name: String | None = at("3+", default=None)
    renewers: list[CreatableRenewers]
    max_lifetime_ms: Int64


# v2 is flexible; v3 adds who asked (KIP-373).
@message(key=38, versions="0-3", flexible="2+")
class CreateDelegationTokenResponse:
    error_code: Int16
    principal_type: String
    principal_name: String
    token_requester_principal_type: String = at("3+", default="")
    token_requester_principal_name: String = at("3+", default="")
    issue_timestamp_ms: Int64
    expiry_timestamp_ms: Int64
    max_timestamp_ms: Int64
    token_id: String
    hmac: Bytes
    throttle_time_ms: Int32 = at(default=0)
