import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.delete_acls import DeleteAclsFilter, DeleteAclsRequest
from tests.support.node import RunningNode


@pytest.mark.parametrize("version", range(4))
def test_there_is_no_authorizer_for_any_filter(broker: RunningNode, version: int) -> None:
    request = DeleteAclsRequest(
        filters=[
            DeleteAclsFilter(
                resource_type_filter=2,
                resource_name_filter=name,
                principal_filter=None,
                host_filter=None,
                operation=1,
                permission_type=1,
            )
            for name in "ab"
        ]
    )

    told = broker.call(request, version)

    refused = (ErrorCode.SECURITY_DISABLED, "No Authorizer is configured.")
    found = [(each.error_code, each.error_message) for each in told.filter_results]
    assert found == [refused] * 2
