import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.create_delegation_token import CreateDelegationTokenRequest
from tests.support.node import RunningNode


@pytest.mark.parametrize("version", range(4))
def test_a_client_without_a_name_gets_no_token(broker: RunningNode, version: int) -> None:
    request = CreateDelegationTokenRequest(renewers=[], max_lifetime_ms=-1)

    told = broker.call(request, version)

    assert told.error_code == ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED
    assert (told.principal_type, told.principal_name) == ("User", "ANONYMOUS")
    assert (told.token_id, told.hmac, told.expiry_timestamp_ms) == ("", b"", -1)
