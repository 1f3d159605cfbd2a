"""Which handler answers which request. Handler modules are imported on their first request.

A handler module decorates one function:

    @handles(HeartbeatRequest, versions="0-4", authorise=needs(Operation.READ, Resource.GROUP))
    def heartbeat(call: Call, request: HeartbeatRequest) -> Reply: ...

It may return the response, a `Reply`, None (nothing is sent), or be a coroutine function.
`handlers/_index.py`, generated from the folder, says which keys and versions exist.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeVar

from kafkacompat.handlers._index import HANDLERS
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat_protocol import apis, codec
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.headers import is_flexible, response_header_size
from kafkacompat_protocol.schema import Versions, schema_of

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Authorisation:
    """What a request needs: an operation on a resource, per item or for the whole request."""

    operation: Operation | None
    resource: Resource | None
    per_item: bool

    def __str__(self) -> str:
        if self.operation is None or self.resource is None:
            return "anyone"
        each = " per item" if self.per_item else ""
        return f"{self.operation.name} {self.resource.name}{each}"


def needs(operation: Operation, resource: Resource, *, per_item: bool = False) -> Authorisation:
    """Declare the operation that a request's caller must be allowed."""
    return Authorisation(operation, resource, per_item)


ANYONE = Authorisation(None, None, False)


@dataclass(frozen=True, slots=True)
class Declaration:
    """What `@handles` says of a handler function."""

    key: int
    versions: Versions
    authorise: Authorisation
    refuse: Callable[[Any, ErrorCode, str | None], Any] | None
    overlaps: bool
    feature: str | None


def handles(
    request: type,
    *,
    versions: str,
    authorise: Authorisation,
    refuse: Callable[[Any, ErrorCode, str | None], Any] | None = None,
    overlaps: bool = False,
    feature: str | None = None,
) -> Callable[[F], F]:
    """Declare a handler: its request, versions, authorisation.

    `refuse` builds the response to a request that fails as a whole; it is needed where the
    response has no error_code of its own. `overlaps`: a run of such requests on one connection
    may be in progress together (answers keep their order). `feature`: what must be finalised, or
    the whole request is refused with UNSUPPORTED_VERSION.
    """
    key = schema_of(request).key
    assert key is not None

    def decorate(function: F) -> F:
        declared = Declaration(key, Versions.parse(versions), authorise, refuse, overlaps, feature)
        function.declaration = declared  # type: ignore[attr-defined]
        return function

    return decorate


@dataclass(slots=True)
class Route:
    """Everything that serving one API version takes, looked up once."""

    key: int
    version: int
    handler: Callable[..., Any]
    declaration: Declaration
    decode: codec.Decode
    encode: codec.Encode
    response_class: Any
    has_tagged_request_header: bool
    has_tagged_response_header: bool
    keeps_view: bool


_routes: dict[tuple[int, int], Route] = {}


def find(key: int, version: int) -> Route | None:
    """Return the route of an API version, None when we do not answer it."""
    entry = HANDLERS.get(key)
    if entry is None or not entry[0] <= version <= entry[1]:
        return None
    found = _routes.get((key, version))
    if found is None:
        found = _routes[key, version] = _build(key, version, entry[2])
    return found


def _build(key: int, version: int, module_name: str) -> Route:
    module = import_module(f"kafkacompat.handlers.{module_name}")
    handler = getattr(module, module_name)
    declaration: Declaration = handler.declaration
    if declaration.feature is not None:
        handler = _where_finalised(declaration.feature, handler)
    request, response = apis.request_class(key), apis.response_class(key)
    return Route(
        key=key,
        version=version,
        handler=handler,
        declaration=declaration,
        decode=codec.decoder(request, version),
        encode=codec.encoder(response, version),
        response_class=response,
        has_tagged_request_header=is_flexible(request, version),
        has_tagged_response_header=response_header_size(response, version) == 5,
        keeps_view=key == 0,
    )


def _where_finalised(feature: str, handler: Callable[..., Any]) -> Callable[..., Any]:
    """Return a handler that refuses while the cluster does not have a feature."""

    def guarded(call: Call, request: Any) -> Any:
        if not call.node.image.features.get(feature):
            raise KafkaError(ErrorCode.UNSUPPORTED_VERSION)
        return handler(call, request)

    return guarded


def refusal(route: Route, request: Any, code: ErrorCode, message: str | None) -> Any:
    """Return the response that answers a whole request with an error."""
    if route.declaration.refuse is not None:
        return route.declaration.refuse(request, code, message)
    response = route.response_class(error_code=code)
    if message is not None and "error_message" in type(response).__slots__:
        response.error_message = message
    return response
