"""A process for Python work that would hold up the event loop: one call at a time, by pipe.

It is started by the first call and ends when it was idle for a while, when it is closed, or when
this process dies, however that happens: then its standard input ends. Nothing is forked, and
nothing of the caller's main module is run.
"""

import asyncio
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from struct import Struct
from typing import IO, Any, Final, TypeVar

from kafkacompat.clock import Timer, Timers

T = TypeVar("T")
IDLE_MS: Final = 30_000
_SIZE: Final = Struct(">I")


def child_command(module: str, function: str) -> list[str]:
    """Return the command of a process that calls a function, found where this one would find it."""
    call = f"from {module} import {function}; {function}()"
    return [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; {call}"]


class WorkerError(Exception):
    """The process died, twice."""


class Worker:
    """The process as a thread sees it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Whether there is a process."""
        return self._process is not None

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function of a module in the process; what it takes and gives is pickled. Blocks.

        Errors: what the function raises; WorkerError.
        """
        name = (function.__module__, function.__qualname__)
        request = pickle.dumps((name, arguments), pickle.HIGHEST_PROTOCOL)
        for _ in range(2):
            try:
                is_result, answer = self._exchange(request)
            except (OSError, EOFError):
                self.end_process()
                continue
            if is_result:
                return answer
            raise answer
        raise WorkerError(f"{name[1]} killed its process")

    def _exchange(self, request: bytes) -> tuple[bool, Any]:
        if self._process is None:
            self._process = subprocess.Popen(
                child_command(__name__, serve.__name__),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,  # so that ^C is ours to handle
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        _send(self._process.stdin, request)
        is_result, answer = pickle.loads(_receive(self._process.stdout))
        return is_result, answer

    def end_process(self) -> None:
        """End the process; the next call starts another. Only where no call is under way."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        process.kill()
        process.wait()
        process.stdout.close()
        try:
            process.stdin.close()
        except OSError:
            pass  # It was not read to its end.


class LoopWorker:
    """The process as the event loop sees it: calls wait in line, and it ends when idle."""

    def __init__(self, timers: Timers) -> None:
        self.worker = Worker()
        self._timers = timers
        self._thread = ThreadPoolExecutor(1, "kafkacompat-worker")
        self._under_way = 0
        self._idle: Timer | None = None

    async def call(self, function: Callable[..., T], *arguments: Any) -> T:
        """Call a function of a module in the process. Errors: what it raises; WorkerError."""
        self._under_way += 1
        if self._idle is not None:
            self._idle.cancel()
        try:
            loop = asyncio.get_running_loop()
            call = partial(self.worker.call, function, *arguments)
            result: T = await loop.run_in_executor(self._thread, call)
            return result
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle = self._timers.after(IDLE_MS, self._end)

    def _end(self) -> None:
        self._thread.submit(self.worker.end_process)

    def close(self) -> None:
        """Wait for the call under way, and end the process."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        self.worker.end_process()


def serve() -> None:
    """The process's side: answer calls until nobody is there to make them."""
    calls, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # so that nothing else gets among the answers
    while True:
        try:
            (module, name), arguments = pickle.loads(_receive(calls))
        except EOFError:
            return
        try:
            result: tuple[bool, Any] = (True, getattr(import_module(module), name)(*arguments))
        except Exception as error:
            result = (False, error)
        try:
            _send(answers, pickle.dumps(result, pickle.HIGHEST_PROTOCOL))
        except BrokenPipeError:
            return


def _send(pipe: IO[bytes], content: bytes) -> None:
    pipe.write(_SIZE.pack(len(content)))
    pipe.write(content)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> bytes:
    """Return what was sent. Errors: EOFError."""
    size = pipe.read(_SIZE.size)
    if len(size) < _SIZE.size:
        raise EOFError
    content = pipe.read(_SIZE.unpack(size)[0])
    if len(content) < _SIZE.unpack(size)[0]:
        raise EOFError
    return content
