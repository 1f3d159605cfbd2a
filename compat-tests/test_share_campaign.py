"""The short form of the share campaign; `share_campaign.py` by itself is the long one."""

from pathlib import Path

import pytest
import share_campaign
from share_campaign import Plan

from tests.support.toolchains import require_kafka_home

pytestmark = pytest.mark.java


@pytest.mark.parametrize("broker_kills", [0, 1])
def test_every_record_is_done_with_once(tmp_path: Path, broker_kills: int) -> None:
    home = require_kafka_home("4.3.1")
    plan = Plan(records=6_000, members=3, member_kills=1, broker_kills=broker_kills, seed=7)

    report = share_campaign.run(plan, home, tmp_path)

    assert share_campaign.violations(plan, report) == []
    assert report.member_kills == 1
    assert report.broker_kills == broker_kills
