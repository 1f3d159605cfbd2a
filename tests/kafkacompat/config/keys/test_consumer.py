from kafkacompat.config import keys
from kafkacompat.config.values import BrokerConfig, GroupConfig


def test_a_group_has_its_own_timeouts_over_the_brokers() -> None:
    broker = BrokerConfig({"group.consumer.session.timeout.ms": "50000"})
    assert GroupConfig(broker, {}).get(keys.CONSUMER_SESSION_TIMEOUT_MS) == 50_000
    own = GroupConfig(broker, {"consumer.session.timeout.ms": "60000"})
    assert own.get(keys.CONSUMER_SESSION_TIMEOUT_MS) == 60_000
    assert own.get(keys.CONSUMER_HEARTBEAT_INTERVAL_MS) == 5_000
    assert broker.get(keys.GROUP_CONSUMER_MIGRATION_POLICY) == "bidirectional"
