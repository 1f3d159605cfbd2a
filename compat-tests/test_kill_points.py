"""The short form of `make kill`: a few of the system calls that a broker can die at."""

from pathlib import Path

import kill_points


def test_nothing_promised_is_broken_by_death_at_a_system_call(tmp_path: Path) -> None:
    campaign = kill_points.Campaign(tmp_path, 5)
    campaign.run(9)
    assert campaign.violations == []
    assert sum(campaign.deaths.values()) >= 6
