"""The short form of the copier campaign; `message_copier.py` is the long one."""

from pathlib import Path

import message_copier
import pytest

from tests.support.toolchains import require_kafka_home


@pytest.mark.java
def test_kafkas_copier_copies_exactly_once_through_four_kills(tmp_path: Path) -> None:
    plan = message_copier.Plan(
        messages=6_000, transaction_size=250, broker_kills=2, copier_kills=2, seed=5
    )
    report = message_copier.run(plan, require_kafka_home("4.3.1"), tmp_path)
    assert report.difference == ""
    assert (report.broker_kills, report.copier_kills) == (2, 2)
