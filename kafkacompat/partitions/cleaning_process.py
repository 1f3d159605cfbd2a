"""The broker's side of the process that compacts: starts it, gives it orders, hears of its steps.

It is spawned when there is something to compact and ends when there is nothing more. Threads wait
for it, never the loop.
"""

import asyncio
import contextlib
import subprocess
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from kafkacompat.worker import child_command
from kafkacompat_storage.compaction.lines import Ended, Order, decode_step, encode_order
from kafkacompat_storage.compaction.work import Step


def program() -> list[str]:
    """Return the command of the process."""
    return child_command("kafkacompat.partitions.cleaning_worker", "main")


class CleaningProcess:
    """One process, started with its first order. `in_thread` does in a thread what may block."""

    def __init__(self, in_thread: Callable[[Callable[[], Any]], Awaitable[Any]]) -> None:
        self._in_thread = in_thread
        self._process: subprocess.Popen[bytes] | None = None
        self._said: asyncio.Queue[Step | Ended] = asyncio.Queue()

    @property
    def pid(self) -> int | None:
        """The running process, None if there is none."""
        return None if self._process is None else self._process.pid

    async def run(self, order: Order) -> AsyncIterator[Step | Ended]:
        """Have a pass done; yield its steps, an `Ended` at last."""
        loop = asyncio.get_running_loop()
        await self._in_thread(lambda: self._send(order, loop))
        while True:
            step = await self._said.get()
            yield step
            if isinstance(step, Ended):
                return

    def close(self) -> None:
        """End the process, whatever it is doing."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()  # The listener waits for it.

    def _send(self, order: Order, loop: asyncio.AbstractEventLoop) -> None:
        if self._process is None:
            self._start(loop)
        assert self._process is not None
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # It has ended: the listener says so.
            for line in encode_order(order):
                self._process.stdin.write(line)
            self._process.stdin.flush()

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        process = subprocess.Popen(
            program(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            close_fds=False,  # None of them is inheritable, and there may be thousands.
        )
        self._process = process
        self._said = asyncio.Queue()  # Nobody hears what a former process still says.
        listener = threading.Thread(
            target=self._listen, args=(process, loop, self._said), name="compaction", daemon=True
        )
        listener.start()

    def _listen(
        self,
        process: "subprocess.Popen[bytes]",
        loop: asyncio.AbstractEventLoop,
        said: "asyncio.Queue[Step | Ended]",
    ) -> None:
        """The listener's thread: pass on what the process says, until it ends."""
        assert process.stdout is not None
        assert process.stdin is not None
        with contextlib.suppress(RuntimeError):  # The loop is closed.
            for line in process.stdout:
                loop.call_soon_threadsafe(said.put_nowait, decode_step(line))
        code = process.wait()
        process.stdout.close()
        with contextlib.suppress(OSError):
            process.stdin.close()
        if self._process is process:
            self._process = None
        with contextlib.suppress(RuntimeError):
            ended = Ended(f"its process ended with {code}", has_died=True)
            loop.call_soon_threadsafe(said.put_nowait, ended)
