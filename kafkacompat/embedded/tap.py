"""Between requests and their handlers: notes each, and does what a fault says."""

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from types import CoroutineType
from typing import Any

from kafkacompat.embedded.client import OWN_CLIENT_ID
from kafkacompat.embedded.faults import Fault, Faults, Kind
from kafkacompat.embedded.request_log import LoggedRequest, RequestLog
from kafkacompat.embedded.subjects import (
    Subjects,
    merge,
    partition_slots,
    split,
    subjects_of,
)
from kafkacompat.handlers.produce import keep_records
from kafkacompat.server import dispatch, routes
from kafkacompat.server.call import Call
from kafkacompat.server.dispatch import Answer, Buffers
from kafkacompat.server.reply import Reply, pass_on, run
from kafkacompat.server.routes import Route
from kafkacompat_protocol.apis import api_name
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.produce import ProduceRequest
from kafkacompat_protocol.primitives import Buffer

Served = Buffers | Answer | None


class Tap:
    """What `Node.tap` is while a test has powers over a node."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.log = RequestLog()

    def clear(self) -> None:
        """End all faults and forget what was asked; numbers go on."""
        self.faults.clear()
        self.log.requests.clear()

    def __call__(self, call: Call, route: Route, request: Any, correlation_id: int) -> Served:
        if call.client_id == OWN_CLIENT_ID:
            return dispatch.serve(call, route, request, correlation_id)
        subjects = subjects_of(request, call.node.image)
        noted = self._note(call, request, subjects)
        fault = self.faults.take(call, subjects)
        if fault is None:
            return dispatch.serve(call, _noting(route, noted), request, correlation_id)
        noted.fault = fault.kind.value
        return _FAULTS[fault.kind](fault, call, _noting(route, noted), request, correlation_id)

    def _note(self, call: Call, request: Any, subjects: Subjects) -> LoggedRequest:
        if isinstance(request, ProduceRequest):
            keep_records(request)
        noted = LoggedRequest(
            number=self.log.next_number(),
            api=api_name(call.api_key),
            api_key=call.api_key,
            version=call.version,
            client_id=call.client_id,
            connection=call.connection.peer,
            broker=call.node.node_id,
            wall_ms=call.node.clock.wall_ms(),
            request=_kept(request),
            subjects=subjects,
        )
        self.log.requests.append(noted)
        return noted


def _kept(request: Any) -> Any:
    """Return a request with its records as they are now: they are given offsets in place."""
    if not isinstance(request, ProduceRequest):
        return request
    made = copy(request)
    made.topic_data = []
    for topic in request.topic_data:
        topic = copy(topic)
        topic.partition_data = [copy(data) for data in topic.partition_data]
        for data in topic.partition_data:
            records: Any = data.records
            data.records = bytes(records) if records is not None else None
        made.topic_data.append(topic)
    return made


def _noting(route: Route, noted: LoggedRequest) -> Route:
    """Return a route that notes the answer when it is given."""

    def encode(response: Any, first: bytearray) -> list[Buffer]:
        noted.response = response
        return route.encode(response, first)

    return replace(route, encode=encode)


def _changing(route: Route, change: Callable[[Any], None]) -> Route:
    """Return a route that changes the answer before it is given."""

    def encode(response: Any, first: bytearray) -> list[Buffer]:
        change(response)
        return route.encode(response, first)

    return replace(route, encode=encode)


# --- what the faults do


def _error(fault: Fault, call: Call, route: Route, request: Any, correlation_id: int) -> Served:
    meant, rest = request, None
    if fault.match.is_partial:
        meant, rest = split(request, call.node.image, fault.match.wants)
    if rest is None or meant is None:
        refused = routes.refusal(route, request, fault.code, fault.message)
        return dispatch.encode(route, correlation_id, refused)
    refused = routes.refusal(route, meant, fault.code, fault.message)
    return dispatch.serve(call, _merging(route, refused), rest, correlation_id)


def _merging(route: Route, refused: Any) -> Route:
    def encode(response: Any, first: bytearray) -> list[Buffer]:
        return route.encode(merge(response, refused), first)

    return replace(route, encode=encode)


def _error_after(
    fault: Fault, call: Call, route: Route, request: Any, correlation_id: int
) -> Served:
    def change(response: Any) -> None:
        slots = list(partition_slots(response, call.node.image, fault.match.wants))
        for slot in slots or [response]:
            if hasattr(slot, "error_code"):
                slot.error_code = fault.code
                if hasattr(slot, "base_offset"):
                    slot.base_offset = -1

    return dispatch.serve(call, _changing(route, change), request, correlation_id)


def _delay(fault: Fault, call: Call, route: Route, request: Any, correlation_id: int) -> Served:
    reply = Reply()

    def go_on() -> None:
        try:
            result = route.handler(call, request)
        except Exception as error:
            reply.resolve(error)
            return
        if isinstance(result, CoroutineType):
            result = run(call.node, result)
        pass_on(call.node, result, reply)

    call.node.timers.after(fault.delay_ms, go_on)
    return dispatch.wait(route, request, correlation_id, reply)


def _disconnect(
    fault: Fault, call: Call, route: Route, request: Any, correlation_id: int
) -> Served:
    call.connection.abort()
    return None


def _disconnect_after(
    fault: Fault, call: Call, route: Route, request: Any, correlation_id: int
) -> Served:
    hang_up = _changing(route, lambda response: call.connection.abort())
    return dispatch.serve(call, hang_up, request, correlation_id)


def _black_hole(
    fault: Fault, call: Call, route: Route, request: Any, correlation_id: int
) -> Served:
    return dispatch.wait(route, request, correlation_id, Reply())


def _throttle(fault: Fault, call: Call, route: Route, request: Any, correlation_id: int) -> Served:
    def change(response: Any) -> None:
        if hasattr(response, "throttle_time_ms"):
            response.throttle_time_ms = fault.delay_ms

    return dispatch.serve(call, _changing(route, change), request, correlation_id)


def _intercept(fault: Fault, call: Call, route: Route, request: Any, correlation_id: int) -> Served:
    assert fault.intercept is not None
    code = fault.intercept(api_name(call.api_key), call.version, request)
    if not code:
        fault.fired -= 1
        return dispatch.serve(call, route, request, correlation_id)
    return _error(replace(fault, code=ErrorCode(code)), call, route, request, correlation_id)


_FAULTS: dict[Kind, Callable[[Fault, Call, Route, Any, int], Served]] = {
    Kind.ERROR: _error,
    Kind.ERROR_AFTER: _error_after,
    Kind.DELAY: _delay,
    Kind.DISCONNECT: _disconnect,
    Kind.DISCONNECT_AFTER: _disconnect_after,
    Kind.BLACK_HOLE: _black_hole,
    Kind.THROTTLE: _throttle,
    Kind.INTERCEPT: _intercept,
}
