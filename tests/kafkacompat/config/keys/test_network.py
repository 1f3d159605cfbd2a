from kafkacompat.config import keys
from kafkacompat.config.values import BrokerConfig


def test_without_a_file_only_this_machine_can_connect() -> None:
    assert BrokerConfig().get(keys.LISTENERS) == ("PLAINTEXT://127.0.0.1:9092",)


def test_connections_are_bounded_without_being_told() -> None:
    assert BrokerConfig().get(keys.MAX_CONNECTIONS) < 1 << 20
