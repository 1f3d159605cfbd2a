"""DescribeAcls (key 29): find access control entries by a filter.

v1 adds types of patterns (KIP-290); v2 and v3 differ in form only.
"""

from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.describe_acls import DescribeAclsRequest, DescribeAclsResponse


def refuse(
    request: DescribeAclsRequest, code: ErrorCode, message: str | None
) -> DescribeAclsResponse:
    """Answer with an error and no entries."""
    return DescribeAclsResponse(error_code=code, error_message=message, resources=[])


@handles(
    DescribeAclsRequest,
    versions="0-3",
    authorise=needs(Operation.DESCRIBE, Resource.CLUSTER),
    refuse=refuse,
)
def describe_acls(call: Call, request: DescribeAclsRequest) -> DescribeAclsResponse:
    """Say that there is no authorizer, which tools rely on. Errors: SECURITY_DISABLED."""
    raise KafkaError(ErrorCode.SECURITY_DISABLED, "No Authorizer is configured on the broker")
