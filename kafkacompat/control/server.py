"""The HTTP server of the control interface. It needs aiohttp: the extra `control`.

On loopback unless told otherwise, and not for web pages: what has an Origin is refused, so that no
site that somebody visits can reach a broker on his machine.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from kafkacompat.broker import Node
from kafkacompat.control.openapi import description, in_path
from kafkacompat.control.operations import (
    ARRAY,
    FLAG,
    NUMBER,
    OBJECT,
    OPERATIONS,
    TEXT,
    WHOLE,
    Control,
    Operation,
)
from kafkacompat.embedded.broker import Powers
from kafkacompat.embedded.host import BrokerError
from kafkacompat_protocol.errors import KafkaError

log = logging.getLogger("kafkacompat.control")

MAX_BODY_BYTES: Final = 64 << 20
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    TEXT: (str,),
    WHOLE: (int,),
    NUMBER: (int, float),
    FLAG: (bool,),
    OBJECT: (dict,),
    ARRAY: (list,),
}
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ControlServer:
    """The server, on the loop of the node."""

    def __init__(self, powers: Powers) -> None:
        self.control = Control(powers)
        self.port = 0
        self._runner: web.AppRunner | None = None

    @property
    def node(self) -> Node:
        """The node of now: `restore` exchanges it."""
        return self.control.powers.node

    async def start(self, host: str, port: int) -> None:
        """Listen; port 0 takes a free one. Errors: OSError."""
        app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[_guarded])
        app.router.add_get("/openapi.json", _describe)
        for row in OPERATIONS:
            app.router.add_route(row.method, row.path, self._handler(row))
        self._runner = web.AppRunner(app, handle_signals=False, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        log.info("Control interface on http://%s:%d", host, self.port)

    async def stop(self) -> None:
        """Listen no more, and stop the forks."""
        if self._runner is not None:
            await self._runner.cleanup()
        await asyncio.to_thread(self.control.close)

    def _handler(self, row: Operation) -> _Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            given = await _arguments(row, request)
            result = await asyncio.to_thread(row.perform, self.control, given)
            return web.json_response({} if result is None else result)

        return handle


async def _describe(request: web.Request) -> web.Response:
    return web.json_response(description())


@web.middleware
async def _guarded(request: web.Request, handler: _Handler) -> web.StreamResponse:
    if "Origin" in request.headers:
        return _error(403, "this is no interface for web pages")
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except KafkaError as error:
        return _error(409, error.message or error.code.name, code=error.code.name)
    except BrokerError as error:
        return _error(409, str(error))
    except TimeoutError as error:
        return _error(408, str(error))
    except KeyError as error:
        return _error(404, f"there is no {error}")
    except (ValueError, TypeError) as error:
        return _error(400, str(error))
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return _error(500, "the broker's log says why")


def _error(status: int, message: str, **more: str) -> web.Response:
    return web.json_response({"message": message, **more}, status=status)


async def _arguments(row: Operation, request: web.Request) -> dict[str, Any]:
    """Return what was given, of the types that the row says. Errors: ValueError."""
    named = in_path(row)
    given: dict[str, Any] = {
        name: _read(row.fields.get(name, TEXT), text) for name, text in request.match_info.items()
    }
    if row.method == "GET":
        others = {
            name: _read(row.fields.get(name, TEXT), text) for name, text in request.query.items()
        }
    else:
        others = await _body(request)
    for name, value in others.items():
        if name not in row.fields or name in named:
            raise ValueError(f"there is no field {name!r}")
        if value is None:
            continue
        wanted = _TYPES[row.fields[name]]
        if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
            raise ValueError(f"{name} is to be of type {row.fields[name]}")
        given[name] = value
    missing = [name for name in row.required if name not in given]
    if missing:
        raise ValueError(f"{missing[0]} is missing")
    return given


async def _body(request: web.Request) -> dict[str, Any]:
    if not request.can_read_body:
        return {}
    if request.content_type != "application/json":
        raise ValueError("the body is to be application/json")
    body = await request.json()
    if not isinstance(body, dict):
        raise ValueError("the body is to be an object")
    return body


def _read(kind: str, text: str) -> Any:
    if kind == WHOLE:
        return int(text)
    if kind == FLAG:
        if text not in ("true", "false"):
            raise ValueError(f"{text!r} is neither true nor false")
        return text == "true"
    return text
