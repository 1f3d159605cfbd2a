"""DeleteAcls (key 31): delete the access control entries that filters find.

v1 adds types of patterns (KIP-290); v2 and v3 differ in form only.
"""

from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.delete_acls import (
    DeleteAclsFilterResult,
    DeleteAclsRequest,
    DeleteAclsResponse,
)


def refuse(request: DeleteAclsRequest, code: ErrorCode, message: str | None) -> DeleteAclsResponse:
    """Answer every filter with one error."""
    result = DeleteAclsFilterResult(error_code=code, error_message=message, matching_acls=[])
    return DeleteAclsResponse(filter_results=[result] * len(request.filters))


@handles(
    DeleteAclsRequest,
    versions="0-3",
    authorise=needs(Operation.ALTER, Resource.CLUSTER),
    refuse=refuse,
)
def delete_acls(call: Call, request: DeleteAclsRequest) -> DeleteAclsResponse:
    """Say that there is no authorizer. Errors: SECURITY_DISABLED."""
    raise KafkaError(ErrorCode.SECURITY_DISABLED, "No Authorizer is configured.")
