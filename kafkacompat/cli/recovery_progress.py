"""Shows how far the recovery of the logs is, and lets it be broken off."""

import logging
from collections.abc import Callable
from typing import TextIO

log = logging.getLogger("kafkacompat.recovery")

BAR_WIDTH = 30
LARGE_BYTES = 64 << 20
LOG_STEP_PERCENT = 10
MIB = 1 << 20


class BrokenOff(BaseException):
    """The user wants the broker to stop while its logs are recovered."""


class RecoveryProgress:
    """Is called with (bytes done, bytes in all) and draws a bar, or logs every tenth part.

    Nothing is shown of a recovery that is over in a moment.
    """

    def __init__(self, terminal: TextIO | None, is_unwanted: Callable[[], bool]) -> None:
        self._terminal = terminal
        self._is_unwanted = is_unwanted
        self._shown_percent = -1

    def __call__(self, done: int, total: int) -> None:
        """Take note of progress. Errors: BrokenOff."""
        if self._is_unwanted():
            raise BrokenOff
        if total < LARGE_BYTES:
            return
        percent = 100 * done // total
        step = 1 if self._terminal is not None else LOG_STEP_PERCENT
        if percent // step == self._shown_percent // step:
            return
        self._shown_percent = percent
        if self._terminal is None:
            log.info("Recovered %d %% of %d MiB of logs", percent, total // MIB)
        else:
            self._draw(self._terminal, percent, total)

    def _draw(self, terminal: TextIO, percent: int, total: int) -> None:
        full = BAR_WIDTH * percent // 100
        drawn = "#" * full + "." * (BAR_WIDTH - full)
        end = "\n" if percent >= 100 else ""
        text = f"\rrecovering logs [{drawn}] {percent:3} % of {total // MIB} MiB{end}"
        terminal.write(text)
        terminal.flush()
