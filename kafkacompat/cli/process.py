"""Processes, seen from outside and from within: who is it, since when, is it gone."""

import os
import subprocess
import threading
import time

WAIT_STEP_S = 0.02

_imported_s = time.monotonic()


def identity(pid: int) -> str | None:
    """Return what tells a process from a later one of the same number, None if there is none."""
    found = _identity_from_proc(pid)
    return found if found is not None else _identity_from_ps(pid)


def _identity_from_proc(pid: int) -> str | None:
    """On Linux: the time of its start, in ticks since the machine's."""
    fields = _proc_fields(pid)
    return f"ticks {fields[19]}" if fields else None


def _proc_fields(pid: int) -> list[str]:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            content = file.read()
    except OSError:
        return []
    # The name comes second, in parentheses, and may hold anything, parentheses too.
    return content.rpartition(")")[2].split()


def _identity_from_ps(pid: int) -> str | None:
    try:
        found = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=False,
        )
    except OSError:
        return None
    return found.stdout.strip() or None


def is_gone(pid: int, known_identity: str) -> bool:
    """Whether a process has ended; one that only waits to be collected has."""
    fields = _proc_fields(pid)
    if fields and fields[0] == "Z":
        return True
    return identity(pid) != known_identity


def wait_until_gone(pid: int, known_identity: str, timeout_s: float) -> bool:
    """Wait for another's process to end; return whether it did."""
    deadline_s = time.monotonic() + timeout_s
    pause = threading.Event()
    while not is_gone(pid, known_identity):
        if time.monotonic() > deadline_s:
            return False
        pause.wait(WAIT_STEP_S)
    return True


def age_ms() -> int:
    """Return how long this process has been running, its interpreter's start included."""
    try:
        ticks = int(_proc_fields(os.getpid())[19])
        since_boot_s = time.clock_gettime(time.CLOCK_BOOTTIME)
        return max(0, round((since_boot_s - ticks / os.sysconf("SC_CLK_TCK")) * 1000))
    except (IndexError, ValueError, AttributeError, OSError):
        return round((time.monotonic() - _imported_s) * 1000)
