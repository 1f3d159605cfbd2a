"""AlterUserScramCredentials (key 51): set and delete SCRAM credentials of users (KIP-554)."""

from kafkacompat_protocol.schema import Bytes, Int8, Int16, Int32, String, at, message, struct


@struct
class ScramCredentialDeletion:
    name: String
    mechanism: Int8


@struct
class ScramCredentialUpsertion:
    name: String
    mechanism: Int8
    iterations: Int32
    salt: Bytes
    salted_password: Bytes


# There is one version.
@message(key=51, versions="0", flexible="0+")
class AlterUserScramCredentialsRequest:
    deletions: list[ScramCredentialDeletion]
    upsertions: list[ScramCredentialUpsertion]


@struct
class AlterUserScramCredentialsResult:
    user: String
    error_code: Int16
    error_message: String | None


# There is one version.
@message(key=51, versions="0", flexible="0+")
class AlterUserScramCredentialsResponse:
    throttle_time_ms: Int32 = at(default=0)
    results: list[AlterUserScramCredentialsResult]
