import pytest

from kafkacompat.config import keys
from kafkacompat.config.keys.share import duration_ms
from kafkacompat.config.rows import InvalidValue
from kafkacompat.config.values import BrokerConfig, GroupConfig


def test_a_group_has_what_the_broker_says_unless_it_says_otherwise() -> None:
    broker = BrokerConfig({"group.share.record.lock.duration.ms": "20000"})

    assert GroupConfig(broker, {}).get(keys.SHARE_RECORD_LOCK_DURATION_MS) == 20_000
    own = GroupConfig(broker, {"share.record.lock.duration.ms": "15000"})
    assert own.get(keys.SHARE_RECORD_LOCK_DURATION_MS) == 15_000


@pytest.mark.parametrize(
    ("text", "ms"),
    [("PT1H", 3_600_000), ("P1DT2M", 86_520_000), ("PT0.25S", 250), ("P2D", 172_800_000)],
)
def test_a_group_may_begin_a_while_ago(text: str, ms: int) -> None:
    assert duration_ms(f"by_duration:{text}") == ms


@pytest.mark.parametrize("text", ["soon", "by_duration:", "by_duration:P", "by_duration:1H"])
def test_a_group_begins_somewhere(text: str) -> None:
    with pytest.raises(InvalidValue):
        keys.SHARE_AUTO_OFFSET_RESET.parse(text)
