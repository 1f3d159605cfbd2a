"""Handlers and what they declare."""

import pytest

from kafkacompat.handlers._index import HANDLERS
from kafkacompat.server import routes
from kafkacompat_protocol.apis import request_class, response_class
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.schema import schema_of


@pytest.mark.parametrize("key", HANDLERS)
def test_every_version_that_is_answered_has_a_message(key: int) -> None:
    lowest, highest, _, authorisation = HANDLERS[key]
    for cls in (request_class(key), response_class(key)):
        assert lowest in schema_of(cls).versions
        assert highest in schema_of(cls).versions
    assert authorisation


@pytest.mark.parametrize("key", HANDLERS)
def test_every_handler_can_refuse_a_whole_request(key: int) -> None:
    route = routes.find(key, HANDLERS[key][1])
    assert route is not None
    declared = route.declaration
    has_code = "error_code" in response_class(key).__slots__
    assert declared.refuse is not None or has_code


def test_what_is_not_answered_has_no_route() -> None:
    assert routes.find(999, 0) is None
    assert routes.find(3, 99) is None
    assert routes.find(3, -1) is None


def test_a_route_is_built_once() -> None:
    assert routes.find(12, 4) is routes.find(12, 4)


def test_a_refusal_carries_its_message_where_there_is_room() -> None:
    route = routes.find(12, 4)
    assert route is not None
    refused = routes.refusal(route, None, ErrorCode.INVALID_REQUEST, "why")
    assert refused.error_code == ErrorCode.INVALID_REQUEST
