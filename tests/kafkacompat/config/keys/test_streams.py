from kafkacompat.config.values import BROKER_ROWS, GROUP_ROWS, BrokerConfig, GroupConfig


def test_a_groups_keys_have_those_of_the_broker_behind_them() -> None:
    broker = BrokerConfig({"group.streams.session.timeout.ms": "50000"})
    row = GROUP_ROWS["streams.session.timeout.ms"]
    assert GroupConfig(broker, {}).get(row) == 50_000
    assert not row.is_effective
    assert "group.streams.max.standby.replicas" in BROKER_ROWS
