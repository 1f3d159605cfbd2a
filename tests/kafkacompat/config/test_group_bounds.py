"""Within what a broker lets a group set its own keys."""

import pytest

from kafkacompat.config.group_bounds import check_group_bounds
from kafkacompat.config.rows import InvalidValue
from kafkacompat.config.values import BrokerConfig

SESSION = "share.session.timeout.ms"


def test_the_bounds_themselves_are_good() -> None:
    check_group_bounds(BrokerConfig(), {SESSION: "45000"})
    check_group_bounds(BrokerConfig(), {SESSION: "60000"})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("44999", f"{SESSION} must be greater than or equal to group.share.min.session.timeout.ms"),
        ("60001", f"{SESSION} must be less than or equal to group.share.max.session.timeout.ms"),
    ],
)
def test_what_is_out_of_bounds_is_refused_in_kafkas_words(value: str, message: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        check_group_bounds(BrokerConfig(), {SESSION: value})
    assert str(caught.value) == message


def test_the_brokers_own_configuration_moves_them() -> None:
    broker = BrokerConfig({"group.share.min.session.timeout.ms": "100"})

    check_group_bounds(broker, {SESSION: "100"})


def test_a_key_without_bounds_or_without_a_value_is_good() -> None:
    check_group_bounds(
        BrokerConfig(), {"share.auto.offset.reset": "latest", SESSION: None, "x": "1"}
    )
