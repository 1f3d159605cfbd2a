"""DescribeConfigs over the wire."""

from typing import Any

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
)
from tests.support.altering import alter, resource
from tests.support.node import RunningNode, running_node

TOPIC, BROKER, LOGGER, CLIENT_METRICS, GROUP = 2, 4, 8, 16, 32


def describe(
    broker: RunningNode, kind: int, name: str, *keys: str, version: int = 4, **fields: Any
) -> Any:
    resource = DescribeConfigsResource(
        resource_type=kind, resource_name=name, configuration_keys=list(keys) or None
    )
    return broker.call(DescribeConfigsRequest(resources=[resource], **fields), version).results[0]


@pytest.mark.parametrize("version", range(5))
def test_a_topic_shows_where_its_values_come_from(broker: RunningNode, version: int) -> None:
    broker.create_topic(f"t{version}", retention_ms="1000")
    told = describe(broker, TOPIC, f"t{version}", version=version)
    found = {entry.name: entry for entry in told.configs}
    assert (found["retention.ms"].value, found["cleanup.policy"].value) == ("1000", "delete")
    assert not any(entry.read_only for entry in told.configs)
    if version == 0:
        assert (found["retention.ms"].is_default, found["cleanup.policy"].is_default) == (0, 1)
    else:
        assert (found["retention.ms"].config_source, found["cleanup.policy"].config_source) == (
            1,
            5,
        )
    if version >= 3:
        assert (found["retention.ms"].config_type, found["cleanup.policy"].config_type) == (5, 7)


def test_synonyms_come_strongest_first() -> None:
    # As Kafka 4.3.1 shows them; hours are no synonym of milliseconds there.
    with running_node({"log.segment.bytes": "2000000", "log.retention.hours": "2"}) as broker:
        broker.create_topic("t", segment_bytes="3000000", retention_ms="1000")
        told = describe(broker, TOPIC, "t", "segment.bytes", "retention.ms", include_synonyms=True)
        found = [[(s.name, s.value, s.source) for s in entry.synonyms] for entry in told.configs]
        assert found == [
            [("retention.ms", "1000", 1)],
            [
                ("segment.bytes", "3000000", 1),
                ("log.segment.bytes", "2000000", 4),
                ("log.segment.bytes", "1073741824", 5),
            ],
        ]


def test_documentation_is_told_on_request(broker: RunningNode) -> None:
    broker.create_topic("doc")
    told = describe(broker, TOPIC, "doc", "retention.ms", include_documentation=True)
    assert "segments" in told.configs[0].documentation
    assert describe(broker, TOPIC, "doc", "retention.ms").configs[0].documentation is None


def test_only_the_keys_asked_for_are_shown(broker: RunningNode) -> None:
    broker.create_topic("few")
    told = describe(broker, TOPIC, "few", "retention.ms", "nonsense")
    assert [entry.name for entry in told.configs] == ["retention.ms"]


def test_this_broker_shows_its_keys(broker: RunningNode) -> None:
    found = {entry.name: entry for entry in describe(broker, BROKER, "1").configs}
    assert (found["node.id"].value, found["node.id"].read_only) == ("1", True)
    durability = found["kafkacompat.durability"]
    assert (durability.value, durability.config_source) == ("memory", 4)
    shared = describe(broker, BROKER, "").configs
    assert [(entry.name, entry.value) for entry in shared] == [("min.insync.replicas", "1")]


@pytest.mark.parametrize(
    ("kind", "name", "code"),
    [
        (TOPIC, "missing", ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        (TOPIC, "a b", ErrorCode.INVALID_TOPIC_EXCEPTION),
        (BROKER, "7", ErrorCode.INVALID_REQUEST),
        (BROKER, "x", ErrorCode.INVALID_REQUEST),
        (LOGGER, "", ErrorCode.INVALID_REQUEST),
        (LOGGER, "2", ErrorCode.INVALID_REQUEST),
        (CLIENT_METRICS, "", ErrorCode.INVALID_REQUEST),
        (GROUP, "", ErrorCode.INVALID_REQUEST),
        (99, "x", ErrorCode.INVALID_REQUEST),
    ],
)
def test_a_resource_that_cannot_be_shown_says_why(
    broker: RunningNode, kind: int, name: str, code: ErrorCode
) -> None:
    told = describe(broker, kind, name)
    assert (told.error_code, told.configs) == (code, [])


def test_a_resource_named_again_and_again_is_described_once(broker: RunningNode) -> None:
    again = [
        DescribeConfigsResource(resource_type=4, resource_name="1", configuration_keys=None)
        for _ in range(20_000)
    ]
    told = broker.call(DescribeConfigsRequest(resources=again), 4).results
    assert len(told) == 1


def test_loggers_show_their_levels(broker: RunningNode) -> None:
    told = describe(broker, LOGGER, "1", "root", "no.such.logger", include_synonyms=True)
    (entry,) = told.configs
    assert (entry.name, entry.config_source, entry.is_sensitive) == ("root", 6, False)
    assert (entry.value in ("DEBUG", "ERROR", "INFO", "WARN"), entry.synonyms) == (True, [])


def test_a_subscription_that_nobody_has_made_shows_defaults(broker: RunningNode) -> None:
    told = describe(broker, CLIENT_METRICS, "unheard-of", include_synonyms=True)
    assert [
        (e.name, e.value, e.config_type, e.config_source, e.synonyms) for e in told.configs
    ] == [
        ("interval.ms", "300000", 3, 5, []),
        ("match", "", 7, 5, []),
        ("metrics", "", 7, 5, []),
    ]


def test_what_nobody_knows_is_shown_without_its_value() -> None:
    with running_node() as broker:
        alter(broker, resource(BROKER, "", my_secret="x"), resource(BROKER, "1", my_own="y"))

        for name, keys in (("", ["my.secret"]), ("1", ["my.own", "my.secret"])):
            told = describe(broker, BROKER, name, "my.secret", "my.own", include_synonyms=True)
            assert [entry.name for entry in told.configs] == keys
            for entry in told.configs:
                assert (entry.value, entry.is_sensitive, entry.config_type) == (None, True, 0)
                assert [each.value for each in entry.synonyms] == [None]


def test_a_throttle_is_shown_only_where_it_is_set() -> None:
    key = "leader.replication.throttled.rate"
    with running_node() as broker:
        assert describe(broker, BROKER, "1", key).configs == []

        alter(broker, resource(BROKER, "1", leader_replication_throttled_rate="70"))

        (entry,) = describe(broker, BROKER, "1", key, include_synonyms=True).configs
        assert (entry.value, [s.value for s in entry.synonyms]) == ("70", ["70"])
