import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.renew_delegation_token import RenewDelegationTokenRequest
from tests.support.node import RunningNode


@pytest.mark.parametrize("version", range(3))
def test_a_client_without_a_name_is_refused(broker: RunningNode, version: int) -> None:
    request = RenewDelegationTokenRequest(hmac=b"h", renew_period_ms=5)

    told = broker.call(request, version)

    assert told.error_code == ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED
    assert told.expiry_timestamp_ms == -1
