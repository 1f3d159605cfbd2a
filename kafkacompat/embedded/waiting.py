"""Waiting in the caller's thread, for what happens in the broker's."""

import time
from collections.abc import Callable
from typing import Final

PATIENCE_S: Final = 10.0
POLL_S: Final = 0.005


def wait_until(condition: Callable[[], bool], what: Callable[[], str], timeout_s: float) -> None:
    """Ask until something is true. Errors: TimeoutError, which says what there is instead."""
    give_up = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > give_up:
            raise TimeoutError(f"after {timeout_s:g} s: {what()}")
        time.sleep(POLL_S)
