"""The short form of the kill campaign; `python compat-tests/kill_campaign.py` is the long one."""

from pathlib import Path

import kill_campaign


def test_nothing_promised_is_broken_by_three_kills(tmp_path: Path) -> None:
    seen = kill_campaign.run(3, seed=7, durability="fsync", folder=tmp_path)
    assert seen.violations == []
    assert len(seen.acked) > 100
    assert seen.commits > 10
