from kafkacompat.config import keys
from kafkacompat.config.values import BrokerConfig


def test_session_timeouts_lie_between_kafkas_limits() -> None:
    config = BrokerConfig()
    assert config.get(keys.GROUP_MIN_SESSION_TIMEOUT_MS) == 6_000
    assert config.get(keys.GROUP_MAX_SESSION_TIMEOUT_MS) == 1_800_000
