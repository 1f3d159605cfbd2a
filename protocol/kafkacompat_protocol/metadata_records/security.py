"""Records of access control, SCRAM credentials and delegation tokens."""

from kafkacompat_protocol.schema import Bytes, Int8, Int32, Int64, String, Uuid, message


# One ACL, with an id of its own (KIP-801).
@message(key=18, versions="0", flexible="0+")
class AccessControlEntryRecord:
    id: Uuid
    resource_type: Int8
    resource_name: String
    pattern_type: Int8
    principal: String
    host: String
    operation: Int8
    permission_type: Int8


# The ACL of this id is gone.
@message(key=19, versions="0", flexible="0+")
class RemoveAccessControlEntryRecord:
    id: Uuid


# A SCRAM credential; mechanism 1 is SCRAM-SHA-256, 2 SCRAM-SHA-512 (KIP-900).
@message(key=11, versions="0", flexible="0+")
class UserScramCredentialRecord:
    name: String
    mechanism: Int8
    salt: Bytes
    stored_key: Bytes
    server_key: Bytes
    iterations: Int32


# The SCRAM credential of this name and mechanism is gone.
@message(key=22, versions="0", flexible="0+")
class RemoveUserScramCredentialRecord:
    name: String
    mechanism: Int8


# A delegation token, made or renewed (KIP-900).
@message(key=10, versions="0", flexible="0+")
class DelegationTokenRecord:
    owner: String
    requester: String
    renewers: list[String]
    issue_timestamp: Int64
    max_timestamp: Int64
    expiration_timestamp: Int64
    token_id: String


# The delegation token of this id is gone.
@message(key=26, versions="0", flexible="0+")
class RemoveDelegationTokenRecord:
    token_id: String
