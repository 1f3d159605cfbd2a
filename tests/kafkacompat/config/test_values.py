from kafkacompat.config import keys
from kafkacompat.config.values import BrokerConfig, Source, TopicConfig, unknown_names


def test_a_broker_value_is_dynamic_before_static_before_default() -> None:
    config = BrokerConfig({"num.partitions": "2"})
    assert config.get(keys.NUM_PARTITIONS) == 2
    config.set_dynamic({}, {"num.partitions": "3"})
    assert config.get(keys.NUM_PARTITIONS) == 3
    config.set_dynamic({"num.partitions": "4"}, {"num.partitions": "3"})
    assert config.get(keys.NUM_PARTITIONS) == 4
    assert BrokerConfig().get(keys.NUM_PARTITIONS) == 1


def test_a_synonym_gives_a_broker_key_its_value_unless_the_key_is_set() -> None:
    assert BrokerConfig({"broker.id": "7"}).get(keys.NODE_ID) == 7
    assert BrokerConfig({"broker.id": "7", "node.id": "8"}).get(keys.NODE_ID) == 8


def test_a_topics_own_value_wins_over_the_brokers() -> None:
    broker = BrokerConfig({"log.segment.bytes": "2000000"})
    assert TopicConfig(broker, {}).get(keys.SEGMENT_BYTES) == 2_000_000
    assert TopicConfig(broker, {"segment.bytes": "3000000"}).get(keys.SEGMENT_BYTES) == 3_000_000
    assert TopicConfig(BrokerConfig(), {}).get(keys.SEGMENT_BYTES) == 1 << 30


def test_hours_and_minutes_become_milliseconds_and_the_finest_unit_wins() -> None:
    hours = {"log.retention.hours": "2"}
    assert TopicConfig(BrokerConfig(hours), {}).get(keys.RETENTION_MS) == 7_200_000
    minutes = hours | {"log.retention.minutes": "3"}
    assert TopicConfig(BrokerConfig(minutes), {}).get(keys.RETENTION_MS) == 180_000
    assert (
        TopicConfig(BrokerConfig(minutes | {"log.retention.ms": "5"}), {}).get(keys.RETENTION_MS)
        == 5
    )


def test_no_limit_is_no_limit_in_any_unit() -> None:
    assert TopicConfig(BrokerConfig({"log.retention.hours": "-1"}), {}).get(keys.RETENTION_MS) == -1


def test_the_settings_of_a_key_end_with_its_default() -> None:
    config = BrokerConfig({"node.id": "3"})
    assert [setting.source for setting in config.settings(keys.NODE_ID)] == [
        Source.STATIC_BROKER,
        Source.DEFAULT,
    ]
    own = TopicConfig(config, {"retention.ms": "1"}).settings(keys.RETENTION_MS)
    assert [setting.source for setting in own] == [Source.TOPIC]
    segment = TopicConfig(config, {"segment.bytes": "2000000"}).settings(keys.SEGMENT_BYTES)
    assert [(setting.name, setting.source) for setting in segment] == [
        ("segment.bytes", Source.TOPIC),
        ("log.segment.bytes", Source.DEFAULT),
    ]


def test_names_that_stand_for_nothing_are_found() -> None:
    assert unknown_names({"b": "", "a": "", "c": ""}, {"c"}.__contains__) == ["a", "b"]


def test_keys_of_one_meaning_are_listed_from_the_one_in_the_same_unit_on() -> None:
    # As Kafka 4.3.1 lists them.
    def listed(**static: str) -> list[tuple[str, str | None, int]]:
        broker = BrokerConfig({name.replace("_", "."): value for name, value in static.items()})
        settings = TopicConfig(broker, {}).settings(keys.RETENTION_MS)
        return [(each.name, each.value, each.source) for each in settings]

    default = ("log.retention.hours", "168", 5)
    assert listed() == listed(log_retention_hours="2") == []
    assert listed(log_retention_ms="7") == [("log.retention.ms", "7", 4), default]
    assert listed(log_retention_ms="7", log_retention_minutes="8") == [
        ("log.retention.ms", "7", 4),
        ("log.retention.minutes", "8", 4),
        default,
    ]
