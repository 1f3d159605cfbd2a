"""DescribeDelegationToken (key 41): show delegation tokens (KIP-48)."""

from kafkacompat_protocol.schema import Bytes, Int16, Int32, Int64, String, at, message, struct


@struct
class DescribeDelegationTokenOwner:
    principal_type: String
    principal_name: String


# v2 is flexible. No list of owners stands for all.
@message(key=41, versions="0-3", flexible="2+")
class DescribeDelegationTokenRequest:
    owners: list[DescribeDelegationTokenOwner] | None


@struct
class DescribedDelegationTokenRenewer:
    principal_type: String
    principal_name: String


@struct
class DescribedDelegationToken:
    principal_type: String
    principal_name: String
    token_requester_principal_type: String = at("3+", default="")
    token_requester_principal_name: String = at("3+", default="")
    issue_timestamp: Int64
    expiry_timestamp: Int64
    max_timestamp: Int64
    token_id: String
    hmac: Bytes
    renewers: list[DescribedDelegationTokenRenewer]


# v2 is flexible; v3 adds who asked for each (KIP-373).
@message(key=41, versions="0-3", flexible="2+")
class DescribeDelegationTokenResponse:
    error_code: Int16
    tokens: list[DescribedDelegationToken]
    throttle_time_ms: Int32 = at(default=0)
