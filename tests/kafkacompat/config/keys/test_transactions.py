from kafkacompat.config import keys
from kafkacompat.config.values import BrokerConfig


def test_transactions_have_kafkas_defaults() -> None:
    config = BrokerConfig()
    assert config.get(keys.TRANSACTION_MAX_TIMEOUT_MS) == 15 * 60 * 1000
    assert config.get(keys.TRANSACTIONAL_ID_EXPIRATION_MS) == 7 * 24 * 3600 * 1000
    assert config.get(keys.TRANSACTION_TOPIC_PARTITIONS) == 50
