"""One listening address: accepts connections within limits and looks after them."""

import asyncio
import logging
import socket
from collections import Counter, OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kafkacompat.server import platform
from kafkacompat.server.connection import Connection
from kafkacompat_protocol.errors import WireError

if TYPE_CHECKING:
    from kafkacompat.broker import Node

log = logging.getLogger("kafkacompat.server")

RECEIVE_BUFFER_BYTES = 256 * 1024
IDLE_SWEEP_MS = 10_000
BACKLOG = 1024
COMPLAINT_INTERVAL_MS = 60_000
MAX_COMPLAINTS_KEPT = 1024


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A listener by name, and the host and port behind it."""

    name: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.name}://{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one listener allows. Bytes, milliseconds, counts."""

    max_request_bytes: int
    max_connections: int
    max_connections_per_ip: int
    max_idle_ms: int
    max_received_bytes: int
    """Of all frames that are not complete or wait in line, over all connections."""


class Listener:
    """Accepts on one socket; owns the connections made through it."""

    def __init__(self, node: "Node", endpoint: Endpoint, limits: Limits) -> None:
        self.node = node
        self.endpoint = endpoint
        self.limits = limits
        self.max_request_bytes = limits.max_request_bytes
        self.connections: set[Connection] = set()
        self._per_ip: Counter[str] = Counter()
        self._received_bytes = 0
        self._complaints: OrderedDict[str, int] = OrderedDict()
        self._socket: socket.socket | None = None
        self._server: asyncio.Server | None = None
        self._buffer = memoryview(bytearray(RECEIVE_BUFFER_BYTES))
        self._shares_buffer = True

    def bind(self) -> Endpoint:
        """Take the address; return the endpoint with its port. Nobody can connect yet.

        Errors: OSError when the address cannot be bound.
        """
        self._socket = platform.bound_socket(self.endpoint.host, self.endpoint.port)
        port = self._socket.getsockname()[1]
        self.endpoint = Endpoint(self.endpoint.name, self.endpoint.host, port)
        return self.endpoint

    async def start(self) -> None:
        """Accept connections. Errors: OSError."""
        assert self._socket is not None
        loop = asyncio.get_running_loop()
        self._shares_buffer = platform.reads_in_one_step(loop)
        self._server = await loop.create_server(
            self._connection, sock=self._socket, backlog=BACKLOG
        )
        self.node.timers.after(IDLE_SWEEP_MS, self._sweep)

    def move_to(self, node: "Node") -> None:
        """Serve another node from now on, over the connections that there are."""
        self.node = node
        for connection in self.connections:
            connection.move_to(node)
        node.timers.after(IDLE_SWEEP_MS, self._sweep)

    def _connection(self) -> Connection:
        return Connection(self)

    def new_receive_buffer(self) -> memoryview:
        """Return the buffer that a new connection receives into.

        It is one for all, as reads never interleave, but on a loop where they do.
        """
        if self._shares_buffer:
            return self._buffer
        return memoryview(bytearray(RECEIVE_BUFFER_BYTES // 4))

    def admit(self, connection: Connection) -> bool:
        """Take a new connection in, unless there are too many or no more are taken."""
        assert connection.transport is not None
        ip = connection.peer.rpartition(":")[0]
        connection.ip = ip
        self.connections.add(connection)
        self._per_ip[ip] += 1
        raw = connection.transport.get_extra_info("socket")
        if raw is not None:
            platform.tune(raw)
        limits = self.limits
        if self._socket is None:  # It was accepted just before that ended.
            return False
        if len(self.connections) > limits.max_connections:
            self.complain(connection, f"more than {limits.max_connections} connections")
            return False
        if self._per_ip[ip] > limits.max_connections_per_ip:
            self.complain(connection, f"more than {limits.max_connections_per_ip} from one address")
            return False
        return True

    def forget(self, connection: Connection) -> None:
        """Let go of a connection that is closed."""
        if connection in self.connections:
            self.connections.discard(connection)
            self._per_ip[connection.ip] -= 1
            if self._per_ip[connection.ip] <= 0:
                del self._per_ip[connection.ip]

    def account(self, connection: Connection, more: int) -> None:
        """Count bytes held for requests that are not served yet.

        Errors: WireError when all connections together hold too many.
        """
        if more > 0 and self._received_bytes + more > self.limits.max_received_bytes:
            raise WireError("out of receive memory for all connections together")
        self._received_bytes += more

    def complain(self, connection: Connection, reason: str) -> None:
        """Log why a peer is cut off, at most once a minute for each address."""
        now_ms = self.node.clock.monotonic_ms()
        ip = connection.peer.rpartition(":")[0]
        last_ms = self._complaints.get(ip)
        if last_ms is not None and now_ms - last_ms < COMPLAINT_INTERVAL_MS:
            return
        self._complaints[ip] = now_ms
        self._complaints.move_to_end(ip)
        if len(self._complaints) > MAX_COMPLAINTS_KEPT:
            self._complaints.popitem(last=False)
        client_id = (connection.client_id or "")[:64]
        log.warning(
            "Closing connection from %s (client id %r): %s", connection.peer, client_id, reason
        )

    def _sweep(self) -> None:
        """Close connections on which nothing has happened for long."""
        now_ms = self.node.clock.monotonic_ms()
        for connection in list(self.connections):
            reason = connection.overdue(now_ms, self.limits.max_idle_ms)
            if reason is not None:
                if reason != "idle":
                    self.complain(connection, reason)
                connection.abort()
        if self._server is not None:
            self.node.timers.after(IDLE_SWEEP_MS, self._sweep)

    async def stop_accepting(self) -> None:
        """Take no new connections."""
        if self._server is None:
            self.release()
            return
        server, self._server = self._server, None
        self._socket = None
        await platform.stop_serving(server)

    def release(self) -> None:
        """Give the address back, before `start`."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def abort(self) -> None:
        """Close every connection at once; what is not sent yet is dropped."""
        for connection in list(self.connections):
            connection.abort()

    def close(self) -> None:
        """Close every connection, after `stop_accepting`."""
        for connection in list(self.connections):
            connection.close()
