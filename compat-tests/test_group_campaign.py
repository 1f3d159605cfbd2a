"""The short form of the campaign; `python compat-tests/group_campaign.py` is the long one."""

from pathlib import Path

import group_campaign
import pytest

from tests.support.toolchains import require_kafka_home


@pytest.mark.java
def test_members_come_and_go_and_every_record_is_got_by_the_only_owner(tmp_path: Path) -> None:
    require_kafka_home("4.3.1")
    report = group_campaign.run(group_campaign.Plan(seconds=15, seed=3), tmp_path)
    assert report.violations == []
    assert report.joined["java"] > 3
    assert report.joined["librdkafka"] > 3
    assert len(report.epochs) > 10
