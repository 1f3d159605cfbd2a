import io
import logging

import pytest

from kafkacompat.cli.recovery_progress import LARGE_BYTES, BrokenOff, RecoveryProgress

TOTAL = 2 * LARGE_BYTES


def test_a_bar_grows_on_one_line_of_the_terminal() -> None:
    terminal = io.StringIO()
    progress = RecoveryProgress(terminal, lambda: False)
    for done in (0, TOTAL // 2, TOTAL // 2 + 1, TOTAL):
        progress(done, TOTAL)
    assert terminal.getvalue() == (
        "\rrecovering logs [..............................]   0 % of 128 MiB"
        "\rrecovering logs [###############...............]  50 % of 128 MiB"
        "\rrecovering logs [##############################] 100 % of 128 MiB\n"
    )


def test_without_a_terminal_every_tenth_part_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    progress = RecoveryProgress(None, lambda: False)
    for percent in range(0, 101, 4):
        progress(TOTAL * percent // 100, TOTAL)
    assert len(caplog.messages) == 11
    assert caplog.messages[-1] == "Recovered 100 % of 128 MiB of logs"


def test_a_short_recovery_shows_nothing() -> None:
    terminal = io.StringIO()
    RecoveryProgress(terminal, lambda: False)(0, LARGE_BYTES - 1)
    assert terminal.getvalue() == ""


def test_a_recovery_is_broken_off_when_nobody_wants_it_any_more() -> None:
    with pytest.raises(BrokenOff):
        RecoveryProgress(None, lambda: True)(0, 1)
