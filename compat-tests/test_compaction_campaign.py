"""The short form of the compaction campaign; `make compaction` is the long one."""

from pathlib import Path

import compaction_campaign
import pytest

from tests.support.toolchains import require_kafka_home

pytestmark = pytest.mark.java


def test_killed_amid_compaction_a_broker_leaves_what_kafka_would(tmp_path: Path) -> None:
    home = require_kafka_home("4.3.1")
    plan = compaction_campaign.Plan(records=60_000, keys=1000, kills=2, seed=3)
    seen = compaction_campaign.run(plan, tmp_path, home)
    assert seen.violations == []
    assert (seen.kills, len(seen.passes) > 1) == (2, True)
