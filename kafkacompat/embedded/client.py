"""A blocking client of the wire protocol, for the broker's own powers: one request at a time.

What only one broker of a cluster answers goes to that one.
"""

import contextlib
import socket
import threading
from collections.abc import Callable
from struct import Struct
from typing import Any, Final

from kafkacompat.embedded.waiting import PATIENCE_S, wait_until
from kafkacompat_protocol import codec
from kafkacompat_protocol.apis import response_class
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.headers import (
    RequestHeader,
    encode_request_header,
    is_flexible,
    response_header_size,
)
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from kafkacompat_protocol.messages.metadata import MetadataRequest, MetadataRequestTopic
from kafkacompat_protocol.schema import schema_of

OWN_CLIENT_ID: Final = "kafkacompat-embedded"
"""Faults and the log of requests leave such clients alone."""
TIMEOUT_S: Final = 60
_SIZE: Final = Struct(">i")


Address = tuple[str, int]


class Client:
    """One connection to each broker of a cluster, of which some addresses are given."""

    def __init__(self, *addresses: Address) -> None:
        self._given = addresses
        self._connections: dict[Address, _Connection] = {}
        self._is_one: bool | None = None
        """Whether there is one broker; None before it was asked."""

    def call(self, request: Any, version: int) -> Any:
        """Send a request to any broker, and return its answer. Errors: OSError."""
        for address in self._given[:-1]:
            with contextlib.suppress(OSError):
                return self._at(address).call(request, version)
        return self._at(self._given[-1]).call(request, version)

    def call_leader(self, topic: str, partition: int, request: Any, version: int) -> Any:
        """Send a request to whoever leads a partition.

        Errors: OSError; LEADER_NOT_AVAILABLE.
        """

        def find() -> Address | None:
            wanted = MetadataRequest(
                topics=[MetadataRequestTopic(name=topic)], allow_auto_topic_creation=False
            )
            told = self.call(wanted, 9)
            brokers: dict[int, Address] = {b.node_id: (b.host, b.port) for b in told.brokers}
            leaders = {p.partition_index: p.leader_id for p in told.topics[0].partitions}
            if partition not in leaders:  # Any broker can say so.
                return next(iter(brokers.values()))
            return brokers.get(leaders[partition])

        return self._routed(find, request, version)

    def call_coordinator(self, group: str, request: Any, version: int) -> Any:
        """Send a request to the coordinator of a group.

        Errors: OSError; LEADER_NOT_AVAILABLE.
        """

        def find() -> Address | None:
            told = self.call(FindCoordinatorRequest(key=group), 2)
            return None if told.error_code else (str(told.host), int(told.port))

        return self._routed(find, request, version)

    def call_all(self, request: Any, version: int) -> list[Any]:
        """Send a request to every broker, and return all answers. Errors: OSError."""
        if self._alone():
            return [self.call(request, version)]
        brokers = self.call(MetadataRequest(topics=[]), 9).brokers
        return [self._at((each.host, each.port)).call(request, version) for each in brokers]

    def close(self) -> None:
        """Hang up."""
        for connection in self._connections.values():
            connection.close()

    def _routed(self, find: Callable[[], Address | None], request: Any, version: int) -> Any:
        if self._alone():
            return self.call(request, version)
        found: Address | None = None

        def is_found() -> bool:
            nonlocal found
            found = find()
            return found is not None

        try:
            wait_until(is_found, lambda: "nobody leads it", PATIENCE_S)
        except TimeoutError as error:
            raise KafkaError(ErrorCode.LEADER_NOT_AVAILABLE, str(error)) from None
        assert found is not None
        return self._at(found).call(request, version)

    def _alone(self) -> bool:
        if self._is_one is None:
            brokers = self.call(MetadataRequest(topics=[]), 9).brokers
            self._is_one = len(self._given) == 1 and len(brokers) <= 1
        return self._is_one

    def _at(self, address: Address) -> "_Connection":
        found = self._connections.get(address)
        if found is None:
            found = self._connections[address] = _Connection(address)
        return found


class _Connection:
    """A connection that is made when it is first needed, and again when it was lost."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()

    def call(self, request: Any, version: int) -> Any:
        """Send a request and return its answer. Errors: OSError."""
        with self._lock:
            try:
                return self._call(request, version)
            except ConnectionError:
                self.close()
                return self._call(request, version)

    def _call(self, request: Any, version: int) -> Any:
        if self._socket is None:
            self._socket = socket.create_connection(self._address, TIMEOUT_S)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key = schema_of(type(request)).key
        assert key is not None
        header = RequestHeader(key, version, 1, OWN_CLIENT_ID)
        frame = encode_request_header(header, is_flexible(type(request), version))
        frame += codec.encode(request, version)
        self._socket.sendall(_SIZE.pack(len(frame)) + frame)
        answer = self._receive(_SIZE.unpack(self._receive(4))[0])
        cls = response_class(key)
        return codec.decode(cls, version, answer[response_header_size(cls, version) :])

    def _receive(self, size: int) -> bytes:
        assert self._socket is not None
        found = bytearray()
        while len(found) < size:
            piece = self._socket.recv(size - len(found))
            if not piece:
                raise ConnectionResetError("the broker hung up")
            found += piece
        return bytes(found)

    def close(self) -> None:
        """Hang up."""
        found, self._socket = self._socket, None
        if found is not None:
            found.close()


def check(code: int, message: str | None = None) -> None:
    """Raise what an answer says. Errors: KafkaError."""
    if code:
        raise KafkaError(ErrorCode(code), message)
