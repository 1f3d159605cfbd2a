"""Configuration rows as answers show them."""

from kafkacompat.config.rows import ConfigType
from kafkacompat.config.values import BrokerConfig, Setting, Source
from kafkacompat.handlers.config_entries import Entry, broker_entries, topic_entries


def test_a_secret_is_never_shown() -> None:
    settings = (Setting("p", "hidden", Source.STATIC_BROKER),)
    assert Entry("p", "hidden", settings, ConfigType.PASSWORD, False, "").value is None
    assert Entry("p", "hidden", settings, ConfigType.STRING, False, "").value == "hidden"


def test_the_strongest_setting_gives_value_and_source() -> None:
    entries = {e.name: e for e in topic_entries(BrokerConfig({}), {"retention.ms": "5"})}
    assert (entries["retention.ms"].value, entries["retention.ms"].source) == ("5", Source.TOPIC)


def test_a_value_given_in_hours_is_shown_in_the_keys_own_unit() -> None:
    # As DescribeConfigs of Kafka 4.3.1 shows retention.ms with log.retention.hours=2.
    broker = BrokerConfig({"log.retention.hours": "2"})
    entry = {e.name: e for e in topic_entries(broker, {})}["retention.ms"]
    assert (entry.value, entry.source, entry.settings) == ("7200000", Source.DEFAULT, ())


def test_a_key_without_effect_says_so() -> None:
    entries = {e.name: e for e in topic_entries(BrokerConfig({}), {})}
    assert "without effect" in entries["preallocate"].documentation
    assert "without effect" not in entries["max.message.bytes"].documentation


def test_a_broker_key_that_cannot_change_is_read_only() -> None:
    entries = {e.name: e for e in broker_entries(BrokerConfig({"node.id": "3"}))}
    assert (entries["node.id"].value, entries["node.id"].read_only) == ("3", True)
