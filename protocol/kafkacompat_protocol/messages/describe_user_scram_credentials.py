"""DescribeUserScramCredentials (key 50): show which SCRAM credentials users have (KIP-554)."""

from kafkacompat_protocol.schema import Int8, Int16, Int32, String, at, message, struct


@struct
class UserName:
    name: String


# There is one version.
@message(key=50, versions="0", flexible="0+")
class DescribeUserScramCredentialsRequest:
    users: list[UserName] | None


@struct
class CredentialInfo:
    mechanism: Int8
    """1 SCRAM-SHA-256, 2 SCRAM-SHA-512."""
    iterations: Int32


@struct
class DescribeUserScramCredentialsResult:
    user: String
    error_code: Int16
    error_message: String | None
    credential_infos: list[CredentialInfo]


# There is one version.
@message(key=50, versions="0", flexible="0+")
class DescribeUserScramCredentialsResponse:
    throttle_time_ms: Int32 = at(default=0)
    error_code: Int16
    error_message: String | None
    results: list[DescribeUserScramCredentialsResult]
