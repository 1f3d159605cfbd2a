"""Polling a kafka-python consumer until something has happened."""

import time
from collections.abc import Callable
from typing import Any

DEADLINE_S = 60
POLL_MS = 500
"""With much less kafka-python 3.0 may never get done with joining."""


def poll_until(client: Any, condition: Callable[[], bool]) -> None:
    """Poll until something is true. Errors: AssertionError."""
    give_up = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < give_up, "it does not happen"
        client.poll(timeout_ms=POLL_MS)


def join(client: Any) -> None:
    """Poll until the consumer has partitions."""
    poll_until(client, lambda: bool(client.assignment()))
