import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.create_acls import AclCreation, CreateAclsRequest
from tests.support.node import RunningNode


@pytest.mark.parametrize("version", range(4))
def test_there_is_no_authorizer_for_any_entry(broker: RunningNode, version: int) -> None:
    request = CreateAclsRequest(
        creations=[
            AclCreation(
                resource_type=2,
                resource_name=name,
                principal="User:u",
                host="*",
                operation=3,
                permission_type=3,
            )
            for name in "ab"
        ]
    )

    told = broker.call(request, version)

    refused = (ErrorCode.SECURITY_DISABLED, "No Authorizer is configured.")
    assert [(each.error_code, each.error_message) for each in told.results] == [refused] * 2
