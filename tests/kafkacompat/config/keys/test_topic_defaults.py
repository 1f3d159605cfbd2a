"""Defaults and modes are those of KafkaConfig and DynamicBrokerConfig in Apache Kafka 4.3."""

from kafkacompat.config.rows import ConfigType, Update
from kafkacompat.config.values import BROKER_ROWS, TOPIC_ROWS


def test_every_synonym_of_a_topic_key_is_a_broker_key() -> None:
    for row in TOPIC_ROWS.values():
        for synonym in row.synonyms:
            assert synonym.name in BROKER_ROWS


def test_of_several_units_one_has_the_default() -> None:
    defaults = {
        name: BROKER_ROWS[f"log.{name}"].default
        for name in ("retention.ms", "retention.minutes", "retention.hours", "roll.hours")
    }
    assert defaults == {
        "retention.ms": None,
        "retention.minutes": None,
        "retention.hours": 168,
        "roll.hours": 168,
    }


def test_hours_are_32_bit_and_cannot_change_while_running() -> None:
    row = BROKER_ROWS["log.retention.hours"]
    assert (row.kind.type, row.update) == (ConfigType.INT, Update.READ_ONLY)
    assert BROKER_ROWS["log.segment.bytes"].update is Update.CLUSTER_WIDE
