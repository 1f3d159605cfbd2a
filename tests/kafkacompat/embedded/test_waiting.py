"""Waiting ends when it is true, or says what is true instead."""

import pytest

from kafkacompat.embedded.waiting import wait_until


def test_it_waits_until_it_is_true() -> None:
    left = [3]

    def counts_down() -> bool:
        left[0] -= 1
        return left[0] == 0

    wait_until(counts_down, lambda: "", 5)
    with pytest.raises(TimeoutError, match=r"after 0\.01 s: it is 7"):
        wait_until(lambda: False, lambda: "it is 7", 0.01)
