"""DescribeDelegationToken (key 41): show delegation tokens (KIP-48).

v2 is flexible; v3 adds who asked for each (KIP-373).
"""

from kafkacompat.server.call import Call
from kafkacompat.server.routes import ANYONE, handles
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.describe_delegation_token import (
    DescribeDelegationTokenRequest,
    DescribeDelegationTokenResponse,
)


@handles(DescribeDelegationTokenRequest, versions="0-3", authorise=ANYONE)
def describe_delegation_token(
    call: Call, request: DescribeDelegationTokenRequest
) -> DescribeDelegationTokenResponse:
    """Show no token to a client whose name nobody knows.

    Errors: DELEGATION_TOKEN_REQUEST_NOT_ALLOWED.
    """
    return DescribeDelegationTokenResponse(
        error_code=ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, tokens=[]
    )
