"""RenewDelegationToken (key 39): let a delegation token live longer (KIP-48).

Versions differ in form only.
"""

from kafkacompat.server.call import Call
from kafkacompat.server.routes import ANYONE, handles
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.renew_delegation_token import (
    RenewDelegationTokenRequest,
    RenewDelegationTokenResponse,
)


@handles(RenewDelegationTokenRequest, versions="0-2", authorise=ANYONE)
def renew_delegation_token(
    call: Call, request: RenewDelegationTokenRequest
) -> RenewDelegationTokenResponse:
    """Do nothing for a client whose name nobody knows.

    Errors: DELEGATION_TOKEN_REQUEST_NOT_ALLOWED.
    """
    return RenewDelegationTokenResponse(
        error_code=ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, expiry_timestamp_ms=-1
    )
