import pytest

from kafkacompat.config.group_bounds import check_group_bounds
from kafkacompat.config.keys.assignment_intervals import KINDS
from kafkacompat.config.rows import InvalidValue
from kafkacompat.config.values import GROUP_ROWS, BrokerConfig


@pytest.mark.parametrize("kind", KINDS)
def test_a_groups_interval_has_bounds(kind: str) -> None:
    name = f"{kind}.assignment.interval.ms"
    assert GROUP_ROWS[name].default == 1_000
    check_group_bounds(BrokerConfig(), {name: "15000"})
    with pytest.raises(InvalidValue):
        check_group_bounds(BrokerConfig(), {name: "15001"})
