"""The short form of the kill campaign; `python compat-tests/kill_campaign.py` is the long one."""

import importlib.util
from pathlib import Path

import pytest


def test_nothing_promised_is_broken_by_three_kills(tmp_path: Path) -> None:
    pytest.importorskip("confluent_kafka")
    path = Path(__file__).parent / "kill_campaign.py"
    spec = importlib.util.spec_from_file_location("kill_campaign", path)
    assert spec is not None
    assert spec.loader is not None
    campaign = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["kill_campaign"] = campaign
    spec.loader.exec_module(campaign)
    seen = campaign.run(3, seed=7, durability="fsync", folder=tmp_path)
    assert seen.violations == []
    assert len(seen.acked) > 100
    assert seen.commits > 10
