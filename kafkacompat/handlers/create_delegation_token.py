"""CreateDelegationToken (key 38): get a delegation token (KIP-48).

v2 is flexible; v3 adds the owner, if that is not who asks (KIP-373).
"""

from kafkacompat.server.call import Call
from kafkacompat.server.routes import ANYONE, handles
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.create_delegation_token import (
    CreateDelegationTokenRequest,
    CreateDelegationTokenResponse,
)

NOBODY = "User", "ANONYMOUS"
"""Who asks over a listener that asks nobody who he is."""


@handles(CreateDelegationTokenRequest, versions="0-3", authorise=ANYONE)
def create_delegation_token(
    call: Call, request: CreateDelegationTokenRequest
) -> CreateDelegationTokenResponse:
    """Give no token to a client whose name nobody knows.

    Errors: DELEGATION_TOKEN_REQUEST_NOT_ALLOWED.
    """
    owner = request.owner_principal_type or "", request.owner_principal_name or ""
    principal_type, principal_name = owner if all(owner) else NOBODY
    return CreateDelegationTokenResponse(
        error_code=ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED,
        principal_type=principal_type,
        principal_name=principal_name,
        token_requester_principal_type=NOBODY[0],
        token_requester_principal_name=NOBODY[1],
        issue_timestamp_ms=-1,
        expiry_timestamp_ms=-1,
        max_timestamp_ms=-1,
        token_id="",
        hmac=b"",
    )
