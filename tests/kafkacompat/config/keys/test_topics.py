from kafkacompat.config import keys
from kafkacompat.config.rows import Scope
from kafkacompat.config.values import TOPIC_ROWS


def test_the_topic_keys_are_those_of_apache_kafka() -> None:
    # LogConfig of Kafka 4.3, but for its internal keys
    assert len(TOPIC_ROWS) == 33
    assert all(row.scope is Scope.TOPIC for row in TOPIC_ROWS.values())


def test_a_topic_key_of_the_same_name_as_a_broker_key_is_a_row_of_its_own() -> None:
    assert TOPIC_ROWS["compression.type"] is keys.COMPRESSION_TYPE
