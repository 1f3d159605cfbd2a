"""A node in this process, in a thread with an event loop of its own, and a client on the wire."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from struct import Struct
from typing import Any, TypeVar

from kafkacompat.broker import Node
from kafkacompat.clock import Clock
from kafkacompat.config.values import BrokerConfig
from kafkacompat.server.platform import new_event_loop
from kafkacompat_protocol import codec
from kafkacompat_protocol.apis import response_class
from kafkacompat_protocol.headers import (
    RequestHeader,
    encode_request_header,
    is_flexible,
    response_header_size,
)
from kafkacompat_protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest
from kafkacompat_protocol.schema import schema_of

T = TypeVar("T")
SIZE = Struct(">i")
TIMEOUT_S = 20

QUICK = {
    "listeners": "PLAINTEXT://127.0.0.1:0",
    "kafkacompat.durability": "memory",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "10",
    "offsets.topic.num.partitions": "4",
}


class WireClient:
    """A connection that speaks in frames; nothing of the broker's own is used to read answers."""

    def __init__(self, address: tuple[str, int], client_id: str | None = "test") -> None:
        self.socket = socket.create_connection(address, TIMEOUT_S)
        self.client_id = client_id
        self._correlation_id = 0

    def send(self, request: Any, version: int, *, key: int | None = None) -> int:
        """Send a request; return its correlation id."""
        self._correlation_id += 1
        schema = schema_of(type(request))
        number = schema.key if key is None else key
        assert number is not None
        header = RequestHeader(number, version, self._correlation_id, self.client_id)
        body = encode_request_header(header, is_flexible(type(request), version))
        self.send_frame(body + codec.encode(request, version))
        return self._correlation_id

    def send_frame(self, payload: bytes) -> None:
        """Send bytes as one frame."""
        self.socket.sendall(SIZE.pack(len(payload)) + payload)

    def receive_frame(self) -> bytes:
        """Return the next frame. Errors: ConnectionError when the broker has hung up."""
        return self._exactly(SIZE.unpack(self._exactly(4))[0])

    def receive(self, key: int, version: int) -> Any:
        """Return the next answer, which is to a request of this key and version."""
        cls = response_class(key)
        payload = self.receive_frame()
        self.last_correlation_id = SIZE.unpack_from(payload)[0]
        return codec.decode(cls, version, payload[response_header_size(cls, version) :])

    def call(self, request: Any, version: int) -> Any:
        """Send a request and return its answer."""
        correlation_id = self.send(request, version)
        key = schema_of(type(request)).key
        assert key is not None
        answer = self.receive(key, version)
        assert self.last_correlation_id == correlation_id
        return answer

    def is_closed(self) -> bool:
        """Whether the broker hangs up without saying more."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionError:
            return True

    def close(self) -> None:
        self.socket.close()

    def _exactly(self, size: int) -> bytes:
        out = bytearray()
        while len(out) < size:
            piece = self.socket.recv(size - len(out))
            if not piece:
                raise ConnectionError("hung up")
            out += piece
        return bytes(out)


class RunningNode:
    """A started node, and what tests do with it from outside its thread."""

    def __init__(self, node: Node, loop: asyncio.AbstractEventLoop) -> None:
        self.node = node
        self.loop = loop
        self._clients: list[WireClient] = []

    @property
    def address(self) -> tuple[str, int]:
        """Where the first listener is."""
        return "127.0.0.1", self.node.listeners[0].endpoint.port

    def client(self, client_id: str | None = "test") -> WireClient:
        """Return a new connection, closed with the node."""
        made = WireClient(self.address, client_id)
        self._clients.append(made)
        return made

    def call(self, request: Any, version: int) -> Any:
        """Send one request over a connection of its own."""
        return self.client().call(request, version)

    def run(self, function: Callable[[], T]) -> T:
        """Call a function in the node's thread."""

        async def work() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(work(), self.loop).result(TIMEOUT_S)

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Ask in the node's thread until something is true. Errors: AssertionError."""
        deadline = time.monotonic() + TIMEOUT_S
        while not self.run(condition):
            assert time.monotonic() < deadline, "it does not become true"

    def create_topic(self, name: str, partitions: int = 1, **configs: str) -> bytes:
        """Make a topic over the wire; return its id. Underscores in config names are dots."""
        from kafkacompat_protocol.messages.create_topics import CreatableTopicConfig

        topic = CreatableTopic(
            name=name,
            num_partitions=partitions,
            replication_factor=1,
            assignments=[],
            configs=[
                CreatableTopicConfig(name=key.replace("_", "."), value=value)
                for key, value in configs.items()
            ],
        )
        answer = self.call(CreateTopicsRequest(topics=[topic]), 7)
        assert answer.topics[0].error_code == 0, answer
        topic_id: bytes = answer.topics[0].topic_id
        return topic_id

    def close_clients(self) -> None:
        for client in self._clients:
            client.close()


@contextmanager
def running_node(
    config: dict[str, str] | None = None, clock: Clock | None = None
) -> Iterator[RunningNode]:
    """Start a node (in memory, on a free port, without delays, unless `config` says otherwise)."""
    loop = new_event_loop()
    node = Node(BrokerConfig(QUICK | (config or {})), clock)
    thread = threading.Thread(target=loop.run_forever, name="node")
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(node.start(), loop).result(TIMEOUT_S)
        running = RunningNode(node, loop)
        try:
            yield running
        finally:
            running.close_clients()
            asyncio.run_coroutine_threadsafe(node.stop(), loop).result(TIMEOUT_S)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(TIMEOUT_S)
        loop.close()
