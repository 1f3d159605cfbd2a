import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.describe_delegation_token import DescribeDelegationTokenRequest
from tests.support.node import RunningNode


@pytest.mark.parametrize("version", range(4))
def test_a_client_without_a_name_sees_no_tokens(broker: RunningNode, version: int) -> None:
    request = DescribeDelegationTokenRequest(owners=None)

    told = broker.call(request, version)

    assert (told.error_code, told.tokens) == (ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, [])
