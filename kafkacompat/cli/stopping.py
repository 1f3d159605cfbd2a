"""What makes a broker stop: a signal, a second one at once, or the end of stdin."""

import asyncio
import os
import signal
import sys
import threading
from types import FrameType

SIGNAL_EXIT_BASE = 128


class StopRequest:
    """Is made once, by whatever asks first; whoever waits is woken."""

    def __init__(self) -> None:
        self.is_made = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._event = asyncio.Event()

    def make(self) -> None:
        """Ask for the stop. Any thread, and signal handlers."""
        self.is_made = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self) -> None:
        """Return when the stop was asked for."""
        self._loop = asyncio.get_running_loop()
        if not self.is_made:
            await self._event.wait()

    def on_signals(self) -> None:
        """Stop on SIGTERM and SIGINT (Ctrl-C); the second one ends the process at once."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._arrived)

    def _arrived(self, number: int, frame: FrameType | None) -> None:
        if self.is_made:
            os._exit(SIGNAL_EXIT_BASE + number)
        self.make()

    def on_closed_stdin(self) -> None:
        """Stop when stdin ends: whoever started us is gone."""
        threading.Thread(target=self._read_stdin, name="kafkacompat-stdin", daemon=True).start()

    def _read_stdin(self) -> None:
        try:
            while os.read(sys.stdin.fileno(), 4096):
                pass
        except OSError:
            pass
        self.make()
