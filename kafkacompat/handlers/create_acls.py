"""CreateAcls (key 30): add access control entries.

v1 adds types of patterns (KIP-290); v2 and v3 differ in form only.
"""

from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.create_acls import (
    AclCreationResult,
    CreateAclsRequest,
    CreateAclsResponse,
)


def refuse(request: CreateAclsRequest, code: ErrorCode, message: str | None) -> CreateAclsResponse:
    """Answer every entry with one error."""
    return CreateAclsResponse(
        results=[AclCreationResult(error_code=code, error_message=message)] * len(request.creations)
    )


@handles(
    CreateAclsRequest,
    versions="0-3",
    authorise=needs(Operation.ALTER, Resource.CLUSTER),
    refuse=refuse,
)
def create_acls(call: Call, request: CreateAclsRequest) -> CreateAclsResponse:
    """Say that there is no authorizer. Errors: SECURITY_DISABLED."""
    raise KafkaError(ErrorCode.SECURITY_DISABLED, "No Authorizer is configured.")
