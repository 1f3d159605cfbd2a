import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.describe_acls import DescribeAclsRequest
from tests.support.node import RunningNode


@pytest.mark.parametrize("version", range(4))
def test_there_is_no_authorizer(broker: RunningNode, version: int) -> None:
    request = DescribeAclsRequest(
        resource_type_filter=1,
        resource_name_filter=None,
        principal_filter=None,
        host_filter=None,
        operation=1,
        permission_type=1,
    )

    told = broker.call(request, version)

    assert (told.error_code, told.resources) == (ErrorCode.SECURITY_DISABLED, [])
    assert told.error_message == "No Authorizer is configured on the broker"
