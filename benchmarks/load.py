"""A load generator of pre-built frames: what it costs is little beside what a broker does.

One blocking socket a client. Frames are built once and sent again and again; answers are counted,
and the first of each kind is decoded to see that it carries no error.
"""

import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Any

from kafkacompat_protocol import codec
from kafkacompat_protocol.apis import request_class, response_class
from kafkacompat_protocol.headers import (
    RequestHeader,
    encode_request_header,
    is_flexible,
    response_header_size,
)
from kafkacompat_protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest
from kafkacompat_protocol.messages.delete_topics import DeleteTopicsRequest
from kafkacompat_protocol.messages.fetch import FetchPartition, FetchRequest, FetchTopic
from kafkacompat_protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsTopic,
)
from kafkacompat_protocol.messages.produce import (
    PartitionProduceData,
    ProduceRequest,
    TopicProduceData,
)
from kafkacompat_protocol.records.record import Record, build_records_batch

SIZE = Struct(">i")
PRODUCE_VERSION, FETCH_VERSION, LIST_OFFSETS_VERSION = 7, 11, 5
RECEIVE_BYTES = 1 << 20


@dataclass
class Result:
    """What one run moved, and in what time."""

    records: int
    payload_bytes: int
    requests: int
    seconds: float


class Client:
    """A connection that sends frames and reads answers."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = memoryview(bytearray(RECEIVE_BYTES))

    def close(self) -> None:
        self.socket.close()

    def read(self, size: int) -> memoryview:
        """Read exactly so many bytes; they are there until the next call."""
        if size > len(self._buffer):
            self._buffer = memoryview(bytearray(2 * size))
        view = self._buffer[:size]
        got = 0
        while got < size:
            count = self.socket.recv_into(view[got:])
            if not count:
                raise ConnectionError("the broker hung up")
            got += count
        return view

    def read_answer(self) -> memoryview:
        """Read one answer, without its size; it is there until the next call."""
        size: int = SIZE.unpack(self.read(4))[0]
        return self.read(size)

    def call(self, request: Any, key: int, version: int) -> Any:
        """Send one request and return its decoded answer."""
        self.socket.sendall(frame(request, key, version))
        return decode_answer(self.read_answer(), key, version)


def frame(request: Any, key: int, version: int) -> bytes:
    """Return a request as a frame."""
    head = RequestHeader(key, version, 1, "bench")
    flexible = is_flexible(request_class(key), version)
    body = encode_request_header(head, flexible) + codec.encode(request, version)
    return SIZE.pack(len(body)) + body


def decode_answer(payload: memoryview, key: int, version: int) -> Any:
    """Decode what follows an answer's size."""
    cls = response_class(key)
    return codec.decode(
        cls, version, payload[response_header_size(cls, version) :], max_elements=1 << 24
    )


def create_topic(client: Client, name: str, partitions: int, replicas: int = 1) -> None:
    """Make a topic and wait until it can be used."""
    topic = CreatableTopic(
        name=name,
        num_partitions=partitions,
        replication_factor=replicas,
        assignments=[],
        configs=[],
    )
    answer = client.call(CreateTopicsRequest(topics=[topic], timeout_ms=30000), 19, 4)
    assert answer.topics[0].error_code in (0, 36), answer
    deadline = time.monotonic() + 30
    while any(p.error_code for p in list_ends(client, name, partitions)):
        assert time.monotonic() < deadline, "the topic does not get a leader"
        time.sleep(0.02)


def delete_topic(client: Client, name: str) -> None:
    """Delete a topic."""
    client.call(DeleteTopicsRequest(topic_names=[name], timeout_ms=30000), 20, 3)


def list_ends(client: Client, name: str, partitions: int) -> list[Any]:
    """Return ListOffsets' answer for the end of each partition."""
    wanted = [ListOffsetsPartition(partition_index=p, timestamp=-1) for p in range(partitions)]
    request = ListOffsetsRequest(
        replica_id=-1, topics=[ListOffsetsTopic(name=name, partitions=wanted)]
    )
    found: list[Any] = client.call(request, 2, LIST_OFFSETS_VERSION).topics[0].partitions
    return found


def produce_frames(
    topic: str, partitions: int, records: int, record_bytes: int, acks: int = -1
) -> list[bytes]:
    """Return one Produce frame for each partition, of one batch of equal records."""
    now_ms = time.time_ns() // 1_000_000
    value = bytes(record_bytes)
    batch = build_records_batch(
        [Record(offset=i, timestamp=now_ms, key=None, value=value) for i in range(records)]
    )
    frames = []
    for index in range(partitions):
        data = PartitionProduceData(index=index, records=batch)
        request = ProduceRequest(
            acks=acks,
            timeout_ms=30000,
            topic_data=[TopicProduceData(name=topic, partition_data=[data])],
        )
        frames.append(frame(request, 0, PRODUCE_VERSION))
    return frames


def produce(client: Client, frames: Sequence[bytes], count: int, window: int) -> float:
    """Send `count` frames in turn, at most `window` unanswered; return the seconds it took."""
    start = time.perf_counter()
    client.socket.sendall(frames[0])
    payload = client.read_answer()
    whole = len(payload) + 4
    answer = decode_answer(payload, 0, PRODUCE_VERSION)
    assert not answer.responses[0].partition_responses[0].error_code, answer
    sent = done = 1
    pending = 0
    buffer = client._buffer
    chunk = max(1, window // 2)
    runs = [
        b"".join(frames[(i + j) % len(frames)] for j in range(chunk)) for i in range(len(frames))
    ]
    while done < count:
        while sent < count and sent - done + chunk <= window:
            step = min(chunk, count - sent)
            at = sent % len(frames)
            client.socket.sendall(runs[at] if step == chunk else frames[at])
            sent += step if step == chunk else 1
        pending += client.socket.recv_into(buffer)
        finished, pending = divmod(pending, whole)
        done += finished
    return time.perf_counter() - start


def fetch_all(client: Client, topic: str, ends: Sequence[int], want: int = 1 << 20) -> int:
    """Read partitions from the start to their ends, one fetch after the other; return bytes."""
    offsets = [0] * len(ends)
    total = 0
    while True:
        parts = [
            FetchPartition(partition=p, fetch_offset=offsets[p], partition_max_bytes=want)
            for p in range(len(ends))
            if offsets[p] < ends[p]
        ]
        if not parts:
            return total
        request = FetchRequest(
            max_wait_ms=500,
            min_bytes=1,
            max_bytes=52_428_800,
            topics=[FetchTopic(topic=topic, partitions=parts)],
        )
        client.socket.sendall(frame(request, 1, FETCH_VERSION))
        payload = client.read_answer()
        total += len(payload)
        answer = decode_answer(payload, 1, FETCH_VERSION)
        for data in answer.responses[0].partitions:
            assert not data.error_code, data.error_code
            offsets[data.partition_index] = _next_offset(
                data.records, offsets[data.partition_index]
            )


def _next_offset(records: Any, offset: int) -> int:
    """Walk over the whole batches; a partial one may stand at the end."""
    position, end = 0, len(records) if records else 0
    while position + 61 <= end:
        base, length = Struct(">qi").unpack_from(records, position)
        if position + 12 + length > end:
            break
        offset = base + SIZE.unpack_from(records, position + 23)[0] + 1
        position += 12 + length
    return offset
