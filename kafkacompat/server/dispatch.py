"""From a frame to an answer: the one place for what concerns every request.

`execute` returns the answer's buffers, None when nothing is to be sent, or an `Answer` that is
there later. A malformed request raises WireError: the connection is closed.
"""

import logging
from collections.abc import Callable
from struct import Struct
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from kafkacompat.server import routes
from kafkacompat.server.call import Call
from kafkacompat.server.reply import Held, Reply, run
from kafkacompat_protocol.codec import MALFORMED
from kafkacompat_protocol.codegen import MAX_ELEMENTS
from kafkacompat_protocol.errors import ErrorCode, KafkaError, WireError
from kafkacompat_protocol.headers import API_VERSIONS_KEY, skip_tagged_fields
from kafkacompat_protocol.primitives import Buffer
from kafkacompat_storage.journal import LocalJournal

if TYPE_CHECKING:
    from kafkacompat.broker import Node
    from kafkacompat.server.connection import Connection

log = logging.getLogger("kafkacompat.server")

Buffers = list[Buffer]

PRODUCE_KEY = b"\0\0"
_FIXED = Struct(">hhih")
_PLAIN_HEADER = Struct(">ii").pack
_TAGGED_HEADER = Struct(">iix").pack
_SIZE = Struct(">i").pack_into


class Answer:
    """An answer in line: one that is there, as it stands."""

    __slots__ = ("buffers",)

    awaits_journal = False
    """Whether it becomes ready by the journal's progress, and nobody else says so."""

    def __init__(self, buffers: Buffers | None = None) -> None:
        self.buffers = buffers

    def is_ready(self, journal: LocalJournal) -> bool:
        """Whether it can leave."""
        return True

    def take(self) -> Buffers | None:
        """Return what is to be sent, None if that is nothing. It must be ready."""
        return self.buffers

    def cancel(self) -> None:
        """Say that nobody waits any more."""


class PendingAnswer(Answer):
    """An answer in progress: `on_done` is called when it is there."""

    __slots__ = ("_correlation_id", "_reply", "_request", "_route", "is_done", "on_done")

    def __init__(
        self, route: routes.Route, request: Any, correlation_id: int, reply: Reply
    ) -> None:
        super().__init__()
        self._route = route
        self._request = request
        self._correlation_id = correlation_id
        self._reply = reply
        self.is_done = False
        self.on_done: Callable[[], None] | None = None

    def start(self) -> None:
        """Begin to listen for the handler's answer."""
        self._reply.when_done(self._answered)

    def is_ready(self, journal: LocalJournal) -> bool:
        return self.is_done

    def cancel(self) -> None:
        if not self.is_done and self._reply.cancel is not None:
            self._reply.cancel()

    def _answered(self, result: Any) -> None:
        if isinstance(result, BaseException):
            result = _failure(self._route, self._request, result)
        if result is not None:
            self.buffers = _encoded(self._route, self._request, self._correlation_id, result)
        self._request = None
        self.is_done = True
        if self.on_done is not None:
            self.on_done()


Tap = Callable[[Call, routes.Route, Any, int], "Buffers | Answer | None"]
"""Stands between a request and its handler, which it calls with `serve` if it wishes."""


class HeldAnswer(Answer):
    """An answer that leaves once the journal has come to its ticket."""

    __slots__ = ("_correlation_id", "_held", "_route")

    awaits_journal = True

    def __init__(self, route: routes.Route, correlation_id: int, held: Held) -> None:
        self._route = route
        self._correlation_id = correlation_id
        self._held = held

    def is_ready(self, journal: LocalJournal) -> bool:
        return self._held.is_ready(journal)

    def take(self) -> Buffers | None:
        response = self._held.finish()
        return None if response is None else encode(self._route, self._correlation_id, response)


def overlaps(frame: Buffer) -> bool:
    """Whether the request in this frame may start while others of its kind are in progress."""
    return frame[:2] == PRODUCE_KEY


def execute(node: "Node", connection: "Connection", frame: Buffer) -> Buffers | Answer | None:
    """Serve the request in `frame`, which stays valid only during this call.

    Errors: WireError.
    """
    if len(frame) < 10:
        raise WireError("a request shorter than its header")
    key, version, correlation_id, size = _FIXED.unpack_from(frame)
    pos = 10 + (size if size > 0 else 0)
    if size < -1 or pos > len(frame):
        raise WireError("client_id runs past the end of the request")
    connection.identify(frame[10:pos], size)
    route = routes.find(key, version)
    if route is None or (node.profile is not None and not node.profile.serves(key, version)):
        return _unsupported(node, key, version, correlation_id)
    if not route.keeps_view:
        frame = bytes(frame)
    try:
        if route.has_tagged_request_header:
            pos = pos + 1 if frame[pos] == 0 else skip_tagged_fields(frame, pos)
        request, _ = route.decode(frame, pos, MAX_ELEMENTS)
    except MALFORMED as error:
        raise WireError(f"API {key} v{version}: {error}") from None
    call = Call(node, connection, key, version)
    if node.tap is not None:
        return node.tap(call, route, request, correlation_id)
    return serve(call, route, request, correlation_id)


def serve(
    call: Call, route: routes.Route, request: Any, correlation_id: int
) -> Buffers | Answer | None:
    """Have a request's handler answer it; as `execute`, but nothing is malformed any more."""
    try:
        result = route.handler(call, request)
    except Exception as error:
        result = _failure(route, request, error)
    if result is None:
        return None
    if isinstance(result, Held):
        return HeldAnswer(route, correlation_id, result)
    if isinstance(result, Reply):
        return wait(route, request, correlation_id, result)
    if isinstance(result, CoroutineType):
        return wait(route, request, correlation_id, run(call.node, result))
    return _encoded(route, request, correlation_id, result)


def wait(
    route: routes.Route, request: Any, correlation_id: int, reply: Reply
) -> Buffers | Answer | None:
    """Return the answer that a reply gives, now or later."""
    pending = PendingAnswer(route, request, correlation_id, reply)
    pending.start()
    return pending.buffers if pending.is_done else pending


def _encoded(route: routes.Route, request: Any, correlation_id: int, response: Any) -> Buffers:
    """Return the answer's buffers; a response that has no wire form is a failure of ours."""
    try:
        return encode(route, correlation_id, response)
    except Exception as error:
        return encode(route, correlation_id, _failure(route, request, error))


def encode(route: routes.Route, correlation_id: int, response: Any) -> Buffers:
    """Return the buffers of an answer."""
    pack = _TAGGED_HEADER if route.has_tagged_response_header else _PLAIN_HEADER
    first = bytearray(pack(0, correlation_id))
    buffers = route.encode(response, first)
    _SIZE(first, 0, sum(map(len, buffers)) - 4)
    return buffers


def _failure(route: routes.Route, request: Any, error: BaseException) -> Any:
    """Return the response to a request that failed as a whole."""
    if isinstance(error, KafkaError):
        return routes.refusal(route, request, error.code, error.message)
    log.error("API %d v%d failed", route.key, route.version, exc_info=error)
    return routes.refusal(route, request, ErrorCode.UNKNOWN_SERVER_ERROR, None)


def _unsupported(node: "Node", key: int, version: int, correlation_id: int) -> Buffers:
    """Answer an ApiVersions request from the future in its oldest form (KIP-511)."""
    if key != API_VERSIONS_KEY:
        raise WireError(f"API {key} v{version} is not supported")
    route = routes.find(API_VERSIONS_KEY, 0)
    assert route is not None
    from kafkacompat.handlers.api_versions import unsupported_version

    return encode(route, correlation_id, unsupported_version(node.profile))
