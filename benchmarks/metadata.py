"""One Metadata request for all topics, timed."""

import socket
import time
from struct import Struct

from benchmarks.brokers import Broker
from benchmarks.generator import LoadError, Measured
from kafkacompat_protocol import codec
from kafkacompat_protocol.headers import (
    RequestHeader,
    encode_request_header,
    is_flexible,
    response_header_size,
)
from kafkacompat_protocol.messages.metadata import MetadataRequest, MetadataResponse

SIZE = Struct(">i")
KEY, VERSION = 3, 9
TIMEOUT_S = 60
MAX_ELEMENTS = 1 << 24


def ask_for_all(broker: Broker) -> tuple[Measured, int]:
    """Ask for every topic; return the time until the answer is here, and its partitions.

    The answer is decoded after the clock stops.

    Errors: LoadError when the broker hangs up, or answers with an error.
    """
    header = RequestHeader(KEY, VERSION, 1, "bench")
    frame = encode_request_header(header, is_flexible(MetadataRequest, VERSION))
    frame += codec.encode(MetadataRequest(topics=None), VERSION)
    with socket.create_connection(broker.address, timeout=TIMEOUT_S) as connection:
        used, began = broker.cpu_seconds(), time.perf_counter()
        connection.sendall(SIZE.pack(len(frame)) + frame)
        answer = receive(connection, SIZE.unpack(receive(connection, 4))[0])
        took = time.perf_counter() - began
        used = broker.cpu_seconds() - used
    body = memoryview(answer)[response_header_size(MetadataResponse, VERSION) :]
    decoded = codec.decode(MetadataResponse, VERSION, body, max_elements=MAX_ELEMENTS)
    if any(topic.error_code for topic in decoded.topics):
        raise LoadError("Metadata: a topic has an error")
    count = sum(len(topic.partitions) for topic in decoded.topics)
    return Measured(seconds=took, requests=1, broker_cpu_seconds=used), count


def receive(connection: socket.socket, size: int) -> bytes:
    """Read exactly so many bytes.

    Errors: LoadError when the broker hangs up.
    """
    found = bytearray(size)
    view, got = memoryview(found), 0
    while got < size:
        count = connection.recv_into(view[got:])
        if not count:
            raise LoadError("the broker hung up")
        got += count
    return bytes(found)
