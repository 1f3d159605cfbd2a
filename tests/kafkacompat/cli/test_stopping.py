import asyncio
import os
import signal
import sys
import threading

import pytest

from kafkacompat.cli import stopping
from kafkacompat.cli.stopping import StopRequest


def test_whoever_waits_is_woken_from_any_thread() -> None:
    async def wait() -> None:
        stop = StopRequest()
        waiting = asyncio.ensure_future(stop.wait())
        await asyncio.get_running_loop().run_in_executor(None, stop.make)
        await asyncio.wait_for(waiting, 20)

    asyncio.run(wait())


def test_a_stop_that_came_before_the_wait_counts() -> None:
    stop = StopRequest()
    stop.make()
    asyncio.run(stop.wait())


def test_the_first_signal_asks_and_the_second_ends_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed: dict[int, object] = {}
    monkeypatch.setattr(stopping.signal, "signal", installed.__setitem__)
    exits: list[int] = []
    monkeypatch.setattr(stopping.os, "_exit", exits.append)
    stop = StopRequest()
    stop.on_signals()
    assert set(installed) == {signal.SIGTERM, signal.SIGINT}
    arrived = installed[signal.SIGTERM]
    assert callable(arrived)
    arrived(signal.SIGTERM, None)
    assert (stop.is_made, exits) == (True, [])
    arrived(signal.SIGTERM, None)
    assert exits == [128 + signal.SIGTERM]


def test_the_end_of_stdin_asks_for_the_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    made = threading.Event()
    stop = StopRequest()
    monkeypatch.setattr(stop, "make", made.set)
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        stop.on_closed_stdin()
        os.write(writing, b"not the end")
        os.close(writing)
        assert made.wait(20)
