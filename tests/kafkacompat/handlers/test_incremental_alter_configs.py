"""IncrementalAlterConfigs over the wire: what is changed applies at once, and stays."""

from pathlib import Path
from typing import Any

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
)
from kafkacompat_protocol.messages.incremental_alter_configs import (
    IncrementalAlterableConfig,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResource,
)
from tests.support.altering import alter, resource
from tests.support.node import RunningNode, running_node
from tests.support.produced import batch, produce

TOPIC, BROKER, LOGGER, CLIENT_METRICS, GROUP = 2, 4, 8, 16, 32
SET, APPEND, SUBTRACT = 0, 2, 3


def described(broker: RunningNode, kind: int, name: str, key: str) -> Any:
    wanted = DescribeConfigsResource(
        resource_type=kind, resource_name=name, configuration_keys=[key]
    )
    (entry,) = broker.call(DescribeConfigsRequest(resources=[wanted]), 4).results[0].configs
    return entry.value, entry.config_source


@pytest.mark.parametrize("version", [0, 1])
def test_a_groups_key_is_set_and_taken_back(broker: RunningNode, version: int) -> None:
    key = "share.auto.offset.reset"
    assert described(broker, GROUP, "g", key) == ("latest", 5)

    told = alter(broker, resource(GROUP, "g", share_auto_offset_reset="earliest"), version=version)

    assert told == [0]
    assert described(broker, GROUP, "g", key) == ("earliest", 8)
    alter(broker, resource(GROUP, "g", share_auto_offset_reset=None), version=version)
    assert described(broker, GROUP, "g", key) == ("latest", 5)


def test_a_topics_key_applies_to_what_is_produced_next(broker: RunningNode) -> None:
    broker.create_topic("small")
    assert produce(broker, batch(b"x" * 1000), topic="small").error_code == 0

    assert alter(broker, resource(TOPIC, "small", max_message_bytes="500")) == [0]

    refused = produce(broker, batch(b"x" * 1000), topic="small")
    assert refused.error_code == ErrorCode.MESSAGE_TOO_LARGE


def test_a_brokers_key_applies_to_topics_that_do_not_say_otherwise() -> None:
    with running_node() as broker:
        broker.create_topic("t")
        produce(broker, batch(b"x"))

        assert alter(broker, resource(BROKER, "", message_max_bytes="500")) == [0]

        refused = produce(broker, batch(b"x" * 1000))
        assert refused.error_code == ErrorCode.MESSAGE_TOO_LARGE


def test_what_is_only_checked_changes_nothing(broker: RunningNode) -> None:
    change = resource(GROUP, "checked", share_auto_offset_reset="earliest")

    assert alter(broker, change, validate_only=True) == [0]
    assert described(broker, GROUP, "checked", "share.auto.offset.reset") == ("latest", 5)


def test_each_resource_is_changed_as_a_whole_or_not(broker: RunningNode) -> None:
    bad = resource(GROUP, "bad", share_auto_offset_reset="earliest", no_such_key="1")
    good = resource(GROUP, "good", share_auto_offset_reset="earliest")

    assert alter(broker, bad, good) == [ErrorCode.INVALID_CONFIG, 0]
    assert described(broker, GROUP, "bad", "share.auto.offset.reset") == ("latest", 5)
    assert alter(broker, good, good) == [ErrorCode.INVALID_REQUEST] * 2


def change(
    broker: RunningNode, kind: int, name: str, key: str, operation: int, value: str | None
) -> tuple[int, str | None]:
    """Change one key; return the error's code and message."""
    config = IncrementalAlterableConfig(name=key, config_operation=operation, value=value)
    resource = IncrementalAlterConfigsResource(
        resource_type=kind, resource_name=name, configs=[config]
    )
    request = IncrementalAlterConfigsRequest(resources=[resource], validate_only=False)
    (told,) = broker.call(request, 1).responses
    return told.error_code, told.error_message


def test_a_list_gets_longer_and_shorter(broker: RunningNode) -> None:
    broker.create_topic("listed")
    key = "cleanup.policy"

    change(broker, TOPIC, "listed", key, APPEND, "compact")
    assert described(broker, TOPIC, "listed", key) == ("delete,compact", 1)
    change(broker, TOPIC, "listed", key, SUBTRACT, "delete")
    assert described(broker, TOPIC, "listed", key) == ("compact", 1)


def test_a_subscription_to_metrics_is_made_and_taken_back(broker: RunningNode) -> None:
    assert alter(broker, resource(CLIENT_METRICS, "m", interval_ms="1000")) == [0]
    assert described(broker, CLIENT_METRICS, "m", "interval.ms") == ("1000", 7)
    assert alter(broker, resource(CLIENT_METRICS, "m", interval_ms=None)) == [0]
    assert described(broker, CLIENT_METRICS, "m", "interval.ms") == ("300000", 5)


def test_a_logger_says_more_until_it_is_taken_back(broker: RunningNode) -> None:
    name = "kafkacompat.broker"
    before = described(broker, LOGGER, "1", name)

    assert change(broker, LOGGER, "1", name, SET, "ERROR") == (0, None)

    assert described(broker, LOGGER, "1", name) == ("ERROR", 6)
    alter(
        broker,
        IncrementalAlterConfigsResource(
            resource_type=LOGGER,
            resource_name="1",
            configs=[IncrementalAlterableConfig(name=name, config_operation=1, value=None)],
        ),
    )
    assert described(broker, LOGGER, "1", name) == before
    assert change(broker, LOGGER, "2", name, SET, "ERROR") == (
        ErrorCode.INVALID_REQUEST,
        "Unexpected node id. Expected 1, but received 2",
    )


def test_more_connections_are_refused_at_once_when_fewer_are_allowed() -> None:
    with running_node() as broker:
        alter(broker, resource(BROKER, "", max_connections="1"))

        assert broker.client().is_closed()


def test_producers_are_remembered_for_as_long_as_was_last_said() -> None:
    with running_node() as broker:
        alter(broker, resource(BROKER, "1", producer_id_expiration_ms="5000"))
        assert broker.run(lambda: broker.node.store.producer_expiration_ms) == 5000


def test_a_group_keeps_to_the_brokers_bounds(broker: RunningNode) -> None:
    assert alter(broker, resource(GROUP, "bound", share_session_timeout_ms="50000")) == [0]
    too_short = resource(GROUP, "bound", share_session_timeout_ms="50")
    assert alter(broker, too_short) == [ErrorCode.INVALID_CONFIG]


def test_what_was_changed_is_there_after_a_restart(tmp_path: Path) -> None:
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "os"}
    with running_node(on_disk) as broker:
        alter(broker, resource(GROUP, "g", share_auto_offset_reset="earliest"))
    with running_node(on_disk) as broker:
        assert described(broker, GROUP, "g", "share.auto.offset.reset") == ("earliest", 8)
