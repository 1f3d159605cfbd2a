"""From an API key to its classes."""

import pytest

from kafkacompat_protocol import apis
from kafkacompat_protocol.messages._index import MODULES
from kafkacompat_protocol.schema import schema_of


@pytest.mark.parametrize("key", MODULES)
def test_each_key_leads_to_its_own_request_and_response(key: int) -> None:
    request, response = apis.request_class(key), apis.response_class(key)
    assert schema_of(request).key == schema_of(response).key == key
    assert request.__name__ == f"{apis.api_name(key)}Request"
    assert response.__name__ == f"{apis.api_name(key)}Response"
    assert schema_of(request).versions == schema_of(response).versions


def test_a_key_that_we_do_not_know_has_no_module() -> None:
    with pytest.raises(KeyError):
        apis.message_module(999)
