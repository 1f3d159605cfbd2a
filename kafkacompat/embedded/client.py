"""A blocking client of the wire protocol, for the broker's own powers: one request at a time."""

import socket
import threading
from struct import Struct
from typing import Any, Final

from kafkacompat_protocol import codec
from kafkacompat_protocol.apis import response_class
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.headers import (
    RequestHeader,
    encode_request_header,
    is_flexible,
    response_header_size,
)
from kafkacompat_protocol.schema import schema_of

OWN_CLIENT_ID: Final = "kafkacompat-embedded"
"""Faults and the log of requests leave such clients alone."""
TIMEOUT_S: Final = 60
_SIZE: Final = Struct(">i")


class Client:
    """A connection that is made when it is first needed, and again when it was lost."""

    def __init__(self, address: tuple[str, int]) -> None:
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
