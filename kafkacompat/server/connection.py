"""One client connection: bytes in, frames cut, answers out in order.

Frames that arrive whole are served straight from the listener's shared receive buffer. A frame
that arrives in pieces is collected in a buffer of its own, which grows with the bytes that
arrive, never with the length that was declared.

Requests run one after the other. While one waits, later frames queue up (and reading stops at a
bound), except that Produce requests may overlap with Produce requests before them.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from struct import Struct
from typing import TYPE_CHECKING, cast

from kafkacompat.server import dispatch
from kafkacompat.server.dispatch import Answer, Buffers, PendingAnswer
from kafkacompat_protocol.errors import WireError
from kafkacompat_protocol.framing import frame_size

if TYPE_CHECKING:
    from kafkacompat.broker import Node
    from kafkacompat.server.listener import Listener

log = logging.getLogger("kafkacompat.server")

_SIZE = Struct(">i").unpack_from
FIRST_FRAME_BYTES = 64 * 1024
MAX_QUEUED_FRAMES = 64
MAX_QUEUED_BYTES = 4 * 1024 * 1024
MAX_PENDING = 1024
WRITE_HIGH_BYTES = 1024 * 1024
SMALL_ANSWER_BYTES = 16 * 1024
STALL_MS = 30_000
"""How long a peer may leave a frame unfinished, or answers unread."""


class Connection(asyncio.BufferedProtocol):
    """The protocol object of one connection."""

    def __init__(self, listener: "Listener") -> None:
        self.listener = listener
        self.node = listener.node
        self._idle_poll = listener.node.idle_poll
        self.client_id: str | None = None
        self.client_software = ("unknown", "unknown")
        self.ip = ""
        self.last_used_ms = 0
        self.transport: asyncio.Transport | None = None
        self.when_lost: Callable[[], None] | None = None
        """Who wants to know that the client is gone."""
        self._sockname: tuple[str, int] = ("", 0)
        self._raw_client_id: bytes = b""
        self._receive_buffer = listener.new_receive_buffer()
        self._frame = bytearray()
        self._frame_size = 0
        self._filled = 0
        self._tail = b""
        self._queue: deque[bytearray] = deque()
        self._queued_bytes = 0
        self._pending: deque[Answer] = deque()
        self._is_watching = False
        self._answers: list[Buffers] = []
        self._answer_bytes = 0
        self._is_serving = False
        self._will_send = False
        self._writing_paused = False
        self._reading_paused = False
        self._stalled_since_ms = 0
        self._unread_bytes = 0
        self._at_eof = False
        self._closing = False

    # --- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass
        self.transport = transport
        self._sockname = transport.get_extra_info("sockname")
        self.last_used_ms = self.node.clock.monotonic_ms()
        transport.set_write_buffer_limits(high=WRITE_HIGH_BYTES)
        if not self.listener.admit(self):
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._closing = True
        self.transport = None
        self.listener.forget(self)
        self._drop_pending()
        self._queue.clear()
        self.listener.account(self, -self._queued_bytes - len(self._frame))
        self._frame = bytearray()
        if self.when_lost is not None:
            self.when_lost()

    def get_buffer(self, sizehint: int) -> memoryview:
        if self._frame_size:
            return memoryview(self._frame)[self._filled :]
        return self._receive_buffer

    def buffer_updated(self, count: int) -> None:
        self._idle_poll.asked()
        self.last_used_ms = self.node.clock.monotonic_ms()
        try:
            if self._frame_size:
                self._filled += count
                self._continue_frame()
            else:
                self._cut_frames(self._receive_buffer[:count])
        except WireError as error:
            self.abandon(str(error))
        except Exception:
            log.exception("A request of %s could not be answered", self.peer)
            self.close()
        finally:
            self._write_staged()
            self._send_answers()

    def eof_received(self) -> bool:
        if self._filled or self._tail:
            self.abandon("the peer hung up in the middle of a frame")
        self._at_eof = True
        return bool(self._pending or self._queue)

    def pause_writing(self) -> None:
        self._writing_paused = True
        self._stalled_since_ms = self.node.clock.monotonic_ms()
        self._control_reading()

    def resume_writing(self) -> None:
        self._writing_paused = False
        self._serve_queue()
        self._send_answers()
        self._control_reading()

    # --- frames in

    def _cut_frames(self, view: memoryview) -> None:
        """Serve the whole frames in `view` and keep what is left."""
        if self._tail:
            view = memoryview(bytearray(self._tail) + view)  # records are patched in place
            self._tail = b""
        pos, end = 0, len(view)
        limit = self.listener.max_request_bytes
        while end - pos >= 4:
            size: int = _SIZE(view, pos)[0]
            if not 0 <= size <= limit:
                frame_size(view, pos, limit)
            stop = pos + 4 + size
            if stop > end:
                self._begin_frame(size, view[pos + 4 :])
                return
            self._serve_or_queue(view[pos + 4 : stop])
            pos = stop
        if pos < end:
            self._tail = bytes(view[pos:])

    def _begin_frame(self, size: int, start: memoryview) -> None:
        """Give a frame that is not all there yet a buffer of its own."""
        capacity = min(size, max(FIRST_FRAME_BYTES, 2 * len(start)))
        self.listener.account(self, capacity)
        self._frame = bytearray(capacity)
        self._frame[: len(start)] = start
        self._frame_size, self._filled = size, len(start)

    def _continue_frame(self) -> None:
        if self._filled == self._frame_size:
            frame = self._frame
            self.listener.account(self, -len(frame))
            self._frame, self._frame_size, self._filled = bytearray(), 0, 0
            self._serve_or_queue(memoryview(frame))
        elif self._filled == len(self._frame):
            more = min(self._frame_size, 4 * len(self._frame)) - len(self._frame)
            self.listener.account(self, more)
            self._frame = self._frame + bytes(more)

    def _serve_or_queue(self, frame: memoryview) -> None:
        """Serve a frame now, or keep a copy until those before it are answered."""
        if self._closing:
            return
        if self._queue or self._writing_paused or not self._may_start(frame):
            self._queue.append(bytearray(frame))
            self._queued_bytes += len(frame)
            self.listener.account(self, len(frame))
            self._control_reading()
        else:
            self._serve(frame)

    def _may_start(self, frame: memoryview | bytearray) -> bool:
        pending = self._pending
        if not pending:
            return True
        if (
            dispatch.overlaps(frame)
            and not isinstance(pending[-1], PendingAnswer)
            and len(pending) < MAX_PENDING
        ):
            return True
        self._write_staged()  # It may be all that those before it wait for.
        return not pending

    def _serve(self, frame: memoryview | bytearray) -> None:
        answer = dispatch.execute(self.node, self, frame)
        if isinstance(answer, list):
            self._answer(answer)
        elif answer is not None:
            if isinstance(answer, PendingAnswer):
                answer.on_done = self._flush
            self._pending.append(answer)

    def _answer(self, buffers: Buffers) -> None:
        """Send an answer, behind those that are still in progress."""
        if not self._pending:
            self._answers.append(buffers)
            self._answer_bytes += len(buffers[0])
            if len(buffers) > 1 or self._answer_bytes >= WRITE_HIGH_BYTES:
                self._send_answers()  # so that a slow reader is noticed before more is served
            return
        self._pending.append(Answer(buffers))

    def _serve_queue(self) -> None:
        if self._is_serving:
            return
        self._is_serving = True
        try:
            while self._queue and not self._writing_paused and not self._closing:
                if not self._may_start(self._queue[0]):
                    break
                frame = self._queue.popleft()
                self._queued_bytes -= len(frame)
                self.listener.account(self, -len(frame))
                self._serve(frame)
        except WireError as error:
            self.abandon(str(error))
        except Exception:
            # Not into whoever gave the answer that let the queue go on.
            log.exception("A request of %s could not be answered", self.peer)
            self.close()
        finally:
            self._write_staged()
            self._is_serving = False

    def _write_staged(self) -> None:
        """Have what was appended in this turn written, before the bytes received are gone."""
        try:
            self.node.journal.write_staged()
        except Exception:
            log.exception("What waited for an append failed")
        if self._pending:
            self._collect()

    # --- answers out

    def _drop_pending(self) -> None:
        """Give none of the answers that are in line."""
        for pending in self._pending:
            pending.cancel()
        self._pending.clear()

    def _collect(self) -> None:
        """Take the answers that are ready at the head of the line."""
        pending, journal = self._pending, self.node.journal
        try:
            while pending and pending[0].is_ready(journal):
                buffers = pending.popleft().take()
                if buffers is not None:
                    self._answers.append(buffers)
        except Exception:
            # Later answers must not take the place of this one.
            log.exception("An answer to %s could not be given", self.peer)
            self._drop_pending()
            self.close()
            return
        if pending and pending[0].awaits_journal and not self._is_watching:
            self._is_watching = True
            journal.when_progress(self._progressed)
            self._idle_poll.waits(len(pending))

    def _progressed(self) -> None:
        """The journal has settled more: all of it at once, so that the answers leave together."""
        self._is_watching = False
        self._flush()
        self._send_answers()

    def _flush(self) -> None:
        """Send what is answered at the head of the line, then go on with the queue."""
        self._collect()
        if self._queue:
            self._serve_queue()
            self._control_reading()
        if not self._pending:
            self._send_answers()
        elif self._answers and not self._will_send:
            # More of the same commit may be answered in this turn: they leave together.
            self._will_send = True
            asyncio.get_running_loop().call_soon(self._send_later)
        if self._at_eof and self.is_idle:
            self.close()

    def _send_later(self) -> None:
        self._will_send = False
        self._send_answers()

    def _send_answers(self) -> None:
        answers = self._answers
        if not answers or self.transport is None:
            return
        self._answers = []
        self._answer_bytes = 0
        if len(answers) == 1:
            buffers = answers[0]
        else:
            buffers = [buffer for answer in answers for buffer in answer]
        if len(buffers) == 1:
            self.transport.write(buffers[0])
        elif sum(map(len, buffers)) <= SMALL_ANSWER_BYTES:
            self.transport.write(b"".join(buffers))
        else:
            self.transport.writelines(buffers)
        self._idle_poll.waits(len(answers))

    # --- flow, identity, end

    def move_to(self, node: "Node") -> None:
        """Have requests served by another node from now on."""
        self.node, self._idle_poll = node, node.idle_poll
        self.when_lost = None
        self._is_watching = False
        self._flush()
        if self._pending:  # Whoever was to answer is gone.
            self.close()

    def _control_reading(self) -> None:
        transport = self.transport
        if transport is None or transport.is_closing():
            return
        too_much = (
            self._writing_paused
            or len(self._queue) >= MAX_QUEUED_FRAMES
            or self._queued_bytes >= MAX_QUEUED_BYTES
        )
        if too_much and not self._reading_paused:
            self._reading_paused = True
            transport.pause_reading()
        elif self._reading_paused and not too_much:
            self._reading_paused = False
            transport.resume_reading()

    def identify(self, raw: memoryview | bytes | bytearray, size: int) -> None:
        """Remember the client_id that the request's header gives."""
        if raw == self._raw_client_id and (raw or self.client_id is not None or size < 0):
            return
        self._raw_client_id = bytes(raw)
        try:
            self.client_id = None if size < 0 else str(raw, "utf-8")
        except UnicodeDecodeError:
            raise WireError("client_id is not UTF-8") from None

    @property
    def peer(self) -> str:
        """The client's address, for the log."""
        address = self.transport.get_extra_info("peername") if self.transport else None
        return f"{address[0]}:{address[1]}" if address else "unknown"

    @property
    def local_address(self) -> tuple[str, int]:
        """The address and port by which this client reached us."""
        host: str = self._sockname[0]
        return host.removeprefix("::ffff:"), self._sockname[1]

    @property
    def is_idle(self) -> bool:
        """Whether nothing is in progress on this connection."""
        return not self._pending and not self._queue

    def overdue(self, now_ms: int, idle_ms: int) -> str | None:
        """Return why this connection has been silent for too long, None if it has not."""
        if self._writing_paused and self._stalls(now_ms):
            return "it does not read its answers"
        if (self._frame_size or self._tail) and now_ms - self.last_used_ms >= STALL_MS:
            return "a frame that it began does not end"
        if idle_ms >= 0 and self.is_idle and now_ms - self.last_used_ms >= idle_ms:
            return "idle"
        return None

    def _stalls(self, now_ms: int) -> bool:
        """Whether not one byte of the answers has been taken for long."""
        unread = self.transport.get_write_buffer_size() if self.transport else 0
        if unread != self._unread_bytes:
            self._unread_bytes, self._stalled_since_ms = unread, now_ms
        return now_ms - self._stalled_since_ms >= STALL_MS

    def abort(self) -> None:
        """Close at once; what is not sent yet is dropped."""
        self._closing = True
        if self.transport is not None:
            self.transport.abort()

    def abandon(self, reason: str) -> None:
        """Close because of what the peer sent; say so once per peer."""
        self._write_staged()
        self._send_answers()
        self.listener.complain(self, reason)
        self.close()

    def close(self) -> None:
        """Close; what is already written still goes out."""
        self._closing = True
        if self.transport is not None:
            self.transport.close()
