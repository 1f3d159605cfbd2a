"""Runs the cases of a Python program and tells the suite what came of each."""

import json
import os
import time
import traceback
from collections.abc import Callable

BOOTSTRAP = os.environ.get("BOOTSTRAP", "")
SCRATCH = os.environ.get("SCRATCH", ".")
PATIENCE_S = 40
_count = 0


def run(name: str, body: Callable[[], object]) -> None:
    """Run a case, which raises what is wrong, and print its line."""
    global _count
    began = time.monotonic()
    error = None
    try:
        body()
    except BaseException:
        error = traceback.format_exc()[-2500:]
    line = {"case": name, "error": error, "seconds": round(time.monotonic() - began, 3)}
    print("\n" + json.dumps(line), flush=True)
    _count += 1


def end() -> None:
    """Tell the suite that all cases have run."""
    print("\n" + json.dumps({"end": _count}), flush=True)


def equal(found: object, expected: object, what: str = "found") -> None:
    """Fail unless both are the same."""
    if found != expected:
        raise AssertionError(f"{what}: {found!r:.1500} is not {expected!r:.1500}")


def until(what: str, condition: Callable[[], bool]) -> None:
    """Wait until a condition holds, `PATIENCE_S` at most."""
    give_up = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > give_up:
            raise AssertionError(f"not within {PATIENCE_S} s: {what}")
        time.sleep(0.02)
