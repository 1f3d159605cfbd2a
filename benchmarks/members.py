"""Members of consumer groups as coroutines, thousands in one process, each on a connection.

They do what a client's coordinator thread does and nothing else: join, take what they are given,
give up what they must, send heartbeats. `ClassicMember` and `ConsumerMember` (KIP-848) look alike
to those who measure: `partitions`, `joined_at`, `settled_at`.
"""

import asyncio
import time
import uuid
from collections import deque
from dataclasses import dataclass
from struct import Struct
from typing import Any, cast

from benchmarks.generator import LoadError
from kafkacompat_protocol import codec
from kafkacompat_protocol.apis import response_class
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.headers import (
    RequestHeader,
    encode_request_header,
    is_flexible,
    response_header_size,
)
from kafkacompat_protocol.messages.consumer_group_heartbeat import (
    ConsumerGroupHeartbeatRequest,
    ConsumerGroupHeartbeatRequestTopicPartitions,
)
from kafkacompat_protocol.messages.heartbeat import HeartbeatRequest
from kafkacompat_protocol.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from kafkacompat_protocol.messages.sync_group import SyncGroupRequest, SyncGroupRequestAssignment
from kafkacompat_protocol.schema import schema_of

SIZE = Struct(">i")
PARTITION = Struct(">i")
RETRY_S = 0.1
PATIENCE_MS = 300_000
SESSION_TIMEOUT_MS = 45_000
COMING_BACK = (ErrorCode.COORDINATOR_NOT_AVAILABLE, ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
JOIN, SYNC, BEAT, CONSUMER_BEAT = 9, 5, 4, 1
"""The versions of requests that are sent."""


class Connection(asyncio.Protocol):
    """A connection on which requests are answered in order."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[tuple[asyncio.Future[Any], type, int]] = deque()
        self._buffer = b""
        self._error: Exception | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        position = 0
        while len(buffer) - position >= 4:
            end = position + 4 + SIZE.unpack_from(buffer, position)[0]
            if end > len(buffer):
                break
            future, cls, version = self._waiting.popleft()
            start = position + 4 + response_header_size(cls, version)
            if not future.done():
                future.set_result(codec.decode(cls, version, buffer[start:end]))
            position = end
        self._buffer = buffer[position:]

    def connection_lost(self, exc: Exception | None) -> None:
        self._error = LoadError(f"the broker hung up: {exc}")
        for future, _, _ in self._waiting:
            if not future.done():
                future.set_exception(self._error)

    def call(self, request: Any, version: int) -> "asyncio.Future[Any]":
        """Send a request; the future has its answer."""
        cls = type(request)
        key = schema_of(cls).key
        assert key is not None
        header = RequestHeader(key, version, 0, "bench")
        frame = encode_request_header(header, is_flexible(cls, version))
        frame += codec.encode(request, version)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if self._error is not None or self._transport is None:
            future.set_exception(self._error or LoadError("not connected"))
            return future
        self._waiting.append((future, response_class(key), version))
        self._transport.write(SIZE.pack(len(frame)) + frame)
        return future

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


async def connect(address: tuple[str, int]) -> Connection:
    """Return a new connection."""
    loop = asyncio.get_running_loop()
    _, protocol = await loop.create_connection(Connection, *address)
    return protocol


@dataclass(frozen=True, slots=True)
class Work:
    """What all members of a group share."""

    group_id: str
    topic: str
    topic_id: bytes
    partitions: int
    beat_ms: int


class Member:
    """What members of both protocols have. Times are `time.perf_counter` seconds."""

    def __init__(self, connection: Connection, work: Work) -> None:
        self.connection = connection
        self.work = work
        self.partitions: frozenset[int] = frozenset()
        self.joined_at = 0.0
        """When it first asked to join."""
        self.settled_at = 0.0
        """When it last got something else than it had, or another epoch."""
        self.beats = 0

    async def join(self) -> None:
        """Become a member, and have an assignment."""
        raise NotImplementedError

    async def stay(self, first_after_s: float) -> None:
        """Send heartbeats for good, and do what their answers ask for."""
        due = time.perf_counter() + first_after_s
        while True:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await self.beat()
            self.beats += 1
            due = max(due + self.work.beat_ms / 1000, time.perf_counter())

    async def beat(self) -> None:
        """Send one heartbeat, and do what its answer asks for."""
        raise NotImplementedError


class ClassicMember(Member):
    """A member by JoinGroup, SyncGroup and Heartbeat; its leader deals partitions out evenly."""

    def __init__(self, connection: Connection, work: Work) -> None:
        super().__init__(connection, work)
        self._member_id = ""
        self._generation = -1

    async def join(self) -> None:
        self.joined_at = self.joined_at or time.perf_counter()
        while True:
            answer = await self.connection.call(self._join_request(), JOIN)
            match answer.error_code:
                case ErrorCode.NONE:
                    self._generation = answer.generation_id
                    if await self._sync(answer):
                        return
                case ErrorCode.MEMBER_ID_REQUIRED:
                    self._member_id = answer.member_id
                case code if code in COMING_BACK:
                    await asyncio.sleep(RETRY_S)
                case code:
                    raise LoadError(f"JoinGroup: {ErrorCode(code).name}")

    def _join_request(self) -> JoinGroupRequest:
        name = self.work.topic.encode()
        metadata = bytes(2) + SIZE.pack(1) + len(name).to_bytes(2) + name + SIZE.pack(-1)
        return JoinGroupRequest(
            group_id=self.work.group_id,
            session_timeout_ms=SESSION_TIMEOUT_MS,
            rebalance_timeout_ms=PATIENCE_MS,
            member_id=self._member_id,
            protocol_type="consumer",
            protocols=[JoinGroupRequestProtocol(name="range", metadata=metadata)],
        )

    async def _sync(self, joined: Any) -> bool:
        """Give or take assignments; return whether the generation still stands."""
        ids = [member.member_id for member in joined.members]
        count = self.work.partitions
        shares = [
            SyncGroupRequestAssignment(
                member_id=member_id,
                assignment=_assignment(self.work.topic, list(range(place, count, len(ids)))),
            )
            for place, member_id in enumerate(ids)
        ]
        request = SyncGroupRequest(
            group_id=self.work.group_id,
            generation_id=self._generation,
            member_id=self._member_id,
            protocol_type="consumer",
            protocol_name="range",
            assignments=shares,
        )
        answer = await self.connection.call(request, SYNC)
        if answer.error_code == ErrorCode.REBALANCE_IN_PROGRESS:
            return False
        if answer.error_code:
            raise LoadError(f"SyncGroup: {ErrorCode(answer.error_code).name}")
        start = 2 + 4 + 2 + len(self.work.topic) + 4
        raw = answer.assignment[start:-4]
        self.partitions = frozenset(found for (found,) in PARTITION.iter_unpack(raw))
        self.settled_at = time.perf_counter()
        return True

    async def beat(self) -> None:
        request = HeartbeatRequest(
            group_id=self.work.group_id,
            generation_id=self._generation,
            member_id=self._member_id,
        )
        answer = await self.connection.call(request, BEAT)
        if answer.error_code == ErrorCode.REBALANCE_IN_PROGRESS:
            await self.join()
        elif answer.error_code:
            raise LoadError(f"Heartbeat: {ErrorCode(answer.error_code).name}")


def _assignment(topic: str, partitions: list[int]) -> bytes:
    """Return Kafka's ConsumerProtocolAssignment, version 0, of one topic."""
    name = topic.encode()
    found = bytes(2) + SIZE.pack(1) + len(name).to_bytes(2) + name + SIZE.pack(len(partitions))
    return found + b"".join(map(PARTITION.pack, partitions)) + SIZE.pack(-1)


class ConsumerMember(Member):
    """A member by ConsumerGroupHeartbeat, which gives up at once what it must."""

    def __init__(self, connection: Connection, work: Work) -> None:
        super().__init__(connection, work)
        self._member_id = str(uuid.uuid4())
        self._epoch = 0

    async def join(self) -> None:
        self.joined_at = self.joined_at or time.perf_counter()
        self._epoch, self.partitions = 0, frozenset()
        await self._exchange(is_whole=True)

    async def beat(self) -> None:
        await self._exchange(is_whole=False)

    async def _exchange(self, *, is_whole: bool) -> None:
        """Send heartbeats until one changes nothing: a change is acknowledged at once."""
        while True:
            answer = await self.connection.call(self._request(is_whole), CONSUMER_BEAT)
            match answer.error_code:
                case ErrorCode.NONE:
                    before = self.partitions, self._epoch
                    self._take(answer)
                    if self.partitions == before[0]:
                        return
                    is_whole = True
                case ErrorCode.FENCED_MEMBER_EPOCH | ErrorCode.UNKNOWN_MEMBER_ID:
                    self._epoch, self.partitions, is_whole = 0, frozenset(), True
                case code if code in COMING_BACK:
                    await asyncio.sleep(RETRY_S)
                case code:
                    name = ErrorCode(code).name
                    raise LoadError(f"ConsumerGroupHeartbeat: {name}: {answer.error_message}")

    def _take(self, answer: Any) -> None:
        found = self.partitions
        if answer.assignment is not None:
            topics = answer.assignment.topic_partitions
            found = frozenset(index for topic in topics for index in topic.partitions)
        if (found, answer.member_epoch) != (self.partitions, self._epoch):
            self.settled_at = time.perf_counter()
        self.partitions, self._epoch = found, answer.member_epoch

    def _request(self, is_whole: bool) -> ConsumerGroupHeartbeatRequest:
        request = ConsumerGroupHeartbeatRequest(
            group_id=self.work.group_id, member_id=self._member_id, member_epoch=self._epoch
        )
        if self._epoch == 0:
            request.rebalance_timeout_ms = PATIENCE_MS
            request.subscribed_topic_names = [self.work.topic]
        if is_whole:
            request.topic_partitions = [
                ConsumerGroupHeartbeatRequestTopicPartitions(
                    topic_id=self.work.topic_id, partitions=sorted(self.partitions)
                )
            ] * bool(self.partitions)
        return request
