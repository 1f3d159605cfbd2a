import pytest

from kafkacompat.cli.topic_option import check_topics, parse_topic
from kafkacompat.config.load import ConfigError
from kafkacompat.config.values import BrokerConfig
from kafkacompat.metadata.commands import NewTopic


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("a", NewTopic("a")),
        ("a:3", NewTopic("a", partitions=3)),
        ("a:3:1", NewTopic("a", partitions=3, replication_factor=1)),
        ("a::1", NewTopic("a", replication_factor=1)),
        (
            "a:3:1:cleanup.policy=compact,retention.ms=5",
            NewTopic("a", 3, 1, configs={"cleanup.policy": "compact", "retention.ms": "5"}),
        ),
        ("a:::retention.ms=5", NewTopic("a", configs={"retention.ms": "5"})),
    ],
)
def test_what_is_left_out_is_the_brokers_default(text: str, topic: NewTopic) -> None:
    assert parse_topic(text) == topic


@pytest.mark.parametrize("text", ["a:x", "a:-1", "a:1:1:retention.ms", "a:99999999999", "a:\u0663"])
def test_a_malformed_option_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_topic(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a/b", "topic a/b: Topic name is invalid"),
        (":3", "the empty string is not allowed"),
        ("a:0", "Number of partitions was set to an invalid non-positive value"),
        ("a:1:3", "only 1 broker"),
        ("a:1:1:no.such=1", "Unknown topic config name: no.such"),
        ("a:1:1:retention.ms=x", "Invalid value x for configuration retention.ms"),
    ],
)
def test_a_topic_that_cannot_be_made_is_refused_before_the_start(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        check_topics([parse_topic(text)], BrokerConfig())


def test_a_topic_is_given_once() -> None:
    with pytest.raises(ConfigError, match="given twice"):
        check_topics([parse_topic("a"), parse_topic("a:2")], BrokerConfig())
