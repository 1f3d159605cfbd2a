"""The short form of the migration; `python compat-tests/group_migration.py` is the long one."""

from pathlib import Path

import group_migration
import pytest

from tests.support.toolchains import require_kafka_home


@pytest.mark.java
def test_a_group_moves_to_the_consumer_protocol_and_back_and_goes_on(tmp_path: Path) -> None:
    require_kafka_home("4.3.1")
    plan = group_migration.Plan(members=2, beat_ms=500, spare_s=10)
    report = group_migration.run(plan, tmp_path)
    assert report.violations == []
    kinds = [step.group_type for step in report.steps]
    assert kinds == ["consumer"] * 7 + ["classic"]
