"""Starts a broker that outlives its caller: a child process, detached once it is ready."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

LOG_NAME = "kafkacompat.log"
DETACHED_OPTION = "--detached"
MAX_READY_LINE = 1 << 16


def start_detached(arguments: Sequence[str]) -> tuple[int, dict[str, Any] | None]:
    """Run `kafkacompat start` in the background and wait until it is ready.

    Returns (0, what it says of itself), or its exit code when it failed; it has then said why on
    stderr.
    """
    command = [sys.executable, "-m", "kafkacompat", "start", DETACHED_OPTION, *arguments]
    flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
        creationflags=flags,
    )
    assert child.stdout is not None
    with child.stdout as output:
        line = output.readline(MAX_READY_LINE)
    if not line.endswith(b"\n"):
        return child.wait() or 1, None
    child.returncode = 0  # it is on its own now, nobody waits for it
    ready: dict[str, Any] = json.loads(line)
    return 0, ready


def let_go() -> None:
    """Let go of the caller's stdout and stderr. Everything to tell goes to the log from here."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def log_file(home: Path) -> Path:
    """Return where a detached broker logs."""
    return home / LOG_NAME
