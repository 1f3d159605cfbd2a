"""The short form of the campaign; `make cluster` is the long one."""

from collections import Counter
from pathlib import Path

import cluster_campaign
import pytest

from tests.support.toolchains import require_kafka_home


@pytest.mark.java
def test_nothing_is_lost_or_doubled_while_brokers_die_and_come_back(tmp_path: Path) -> None:
    require_kafka_home("4.3.1")
    report = cluster_campaign.run(10, 2, seed=3, folder=tmp_path)
    assert report.violations == []
    assert report.kills == 5
    assert min(report.acknowledged.values()) > 500


def test_what_is_lost_doubled_or_never_got_is_told() -> None:
    ledger = cluster_campaign.Ledger({"1", "2", "3"}, Counter(["1", "1", "2"]))
    assert ledger.judge("c", Counter({"1": 1, "2": 2, "4": 1})) == [
        "c: 1 of 3 lost: ['3']",
        "c: 1 in the log twice: ['2']",
        "c: 1 got twice: ['1']",
        "c: 1 of 3 never got",
    ]
