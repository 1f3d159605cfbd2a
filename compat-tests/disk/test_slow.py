"""The short form of `make disk-slow`."""

from pathlib import Path

from disk import slow


def test_nobody_else_waits_for_a_slow_disk_and_what_fails_is_taken_back(tmp_path: Path) -> None:
    assert slow.Story(tmp_path, 0.3).run(2) == []
