"""ExpireDelegationToken (key 40): let a delegation token end earlier (KIP-48).

Versions differ in form only.
"""

from kafkacompat.server.call import Call
from kafkacompat.server.routes import ANYONE, handles
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.expire_delegation_token import (
    ExpireDelegationTokenRequest,
    ExpireDelegationTokenResponse,
)


@handles(ExpireDelegationTokenRequest, versions="0-2", authorise=ANYONE)
def expire_delegation_token(
    call: Call, request: ExpireDelegationTokenRequest
) -> ExpireDelegationTokenResponse:
    """Do nothing for a client whose name nobody knows.

    Errors: DELEGATION_TOKEN_REQUEST_NOT_ALLOWED.
    """
    return ExpireDelegationTokenResponse(
        error_code=ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, expiry_timestamp_ms=-1
    )
