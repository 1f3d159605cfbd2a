"""What happens to a request whatever it asks for."""

import asyncio
from typing import Any

import pytest

from kafkacompat.handlers._index import HANDLERS
from kafkacompat.server import routes
from kafkacompat.server.dispatch import PendingAnswer, overlaps
from kafkacompat.server.reply import Reply
from kafkacompat_protocol.apis import request_class
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.heartbeat import HeartbeatRequest
from kafkacompat_protocol.schema import UNSET, schema_of
from tests.support.node import RunningNode, running_node

EVERY = [(key, v) for key, entry in HANDLERS.items() for v in range(entry[0], entry[1] + 1)]


@pytest.fixture(scope="module")
def broker() -> Any:
    with running_node() as running:
        yield running


def emptiest(cls: Any) -> Any:
    """Return a request with every field at its default, or else at its zero."""
    fields = [item for item in schema_of(cls).fields if item.tag is None]
    values = {item.name: [] if item.default is UNSET else item.default for item in fields}
    return cls(**values)


@pytest.mark.parametrize(("key", "version"), EVERY)
def test_an_empty_request_is_answered_in_every_version(
    broker: RunningNode, key: int, version: int
) -> None:
    request = emptiest(request_class(key))
    if key == 0:
        request.acks = 1
    assert broker.call(request, version) is not None


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (KafkaError(ErrorCode.THROTTLING_QUOTA_EXCEEDED), ErrorCode.THROTTLING_QUOTA_EXCEEDED),
        (ZeroDivisionError("ours"), ErrorCode.UNKNOWN_SERVER_ERROR),
    ],
)
def test_a_handler_that_raises_is_answered_and_the_connection_stays(
    broker: RunningNode, monkeypatch: pytest.MonkeyPatch, raised: Exception, code: ErrorCode
) -> None:
    route = broker.run(lambda: routes.find(12, 4))
    assert route is not None

    def at_once(call: Any, request: Any) -> Any:
        raise raised

    async def later(call: Any, request: Any) -> Any:
        await asyncio.sleep(0)
        raise raised

    client = broker.client()
    request = HeartbeatRequest(group_id="g", generation_id=1, member_id="m")
    for handler in (at_once, later):
        monkeypatch.setattr(route, "handler", handler)
        assert client.call(request, 4).error_code == code


def test_only_produce_requests_overlap() -> None:
    assert overlaps(b"\x00\x00\x00\x07")
    assert not overlaps(b"\x00\x01\x00\x07")
    assert not overlaps(b"\x01\x00\x00\x07")


def test_a_pending_answer_tells_when_it_is_there() -> None:
    route = routes.find(12, 4)
    assert route is not None
    reply, told = Reply(), []
    pending = PendingAnswer(route, None, 9, reply)
    pending.start()
    pending.on_done = lambda: told.append(True)
    assert not pending.is_done
    reply.resolve(route.response_class(error_code=0))
    assert told == [True]
    assert pending.buffers is not None
    assert (
        b"".join(pending.buffers).hex()
        == "0000000c" + "00000009" + "00" + "00000000" + "0000" + "00"
    )


def test_a_response_without_a_wire_form_is_a_failure_of_ours_alone(
    broker: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    route = broker.run(lambda: routes.find(12, 4))
    assert route is not None
    reply = Reply()
    client = broker.client()
    request = HeartbeatRequest(group_id="g", generation_id=1, member_id="m")
    impossible = route.response_class(error_code=1 << 20)
    for answer in (impossible, reply):
        monkeypatch.setattr(route, "handler", lambda call, request, answer=answer: answer)
        client.send(request, 4)
        if answer is reply:
            broker.wait_until(lambda: reply._callback is not None)
            broker.run(lambda: reply.resolve(impossible))  # does not raise
        assert client.receive(12, 4).error_code == ErrorCode.UNKNOWN_SERVER_ERROR
