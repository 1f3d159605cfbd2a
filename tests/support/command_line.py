"""The command `kafkacompat` as a process of its own, and its output."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 30
PATHS = os.pathsep.join(str(ROOT / part) for part in ("", "protocol", "storage"))


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment, without settings, with the sources importable."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("KAFKA_")}
    return kept | {"PYTHONPATH": PATHS} | more


def command(*arguments: str) -> list[str]:
    """Return the command line of `kafkacompat`."""
    return [sys.executable, "-m", "kafkacompat", *arguments]


def run(*arguments: str, cwd: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    return subprocess.run(
        command(*arguments),
        cwd=cwd,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


class Started:
    """A broker process that is ready."""

    def __init__(self, process: "subprocess.Popen[str]", ready: dict[str, Any]) -> None:
        self.process = process
        self.ready = ready

    def signal(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal; return the exit code and what was logged."""
        self.process.send_signal(number)
        return self.finish()

    def finish(self) -> tuple[int, str]:
        """Wait for the end; return the exit code and what was logged."""
        _, logged = self.process.communicate(timeout=TIMEOUT_S)
        return self.process.returncode, logged


@contextmanager
def broker(
    *arguments: str, cwd: Path, environment_more: Sequence[tuple[str, str]] = ()
) -> Iterator[Started]:
    """Run `kafkacompat start` on a free port until the block ends."""
    line = command("start", "-p", "0", "--print-ready", "json", *arguments)
    with subprocess.Popen(
        line,
        cwd=cwd,
        env=environment(**dict(environment_more)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            first = process.stdout.readline()
            assert first, process.stderr.read()
            yield Started(process, json.loads(first))
        finally:
            if process.poll() is None:
                process.kill()
