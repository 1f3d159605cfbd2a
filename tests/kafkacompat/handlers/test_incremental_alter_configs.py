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
from tests.support.node import RunningNode, running_node
from tests.support.produced import batch, produce

TOPIC, BROKER, GROUP = 2, 4, 32
SET, DELETE = 0, 1


def resource(kind: int, name: str, **values: str | None) -> IncrementalAlterConfigsResource:
    """Return changes: keys with underscores for dots; None takes a key back."""
    return IncrementalAlterConfigsResource(
        resource_type=kind,
        resource_name=name,
        configs=[
            IncrementalAlterableConfig(
                name=key.replace("_", "."),
                config_operation=DELETE if value is None else SET,
                value=value,
            )
            for key, value in values.items()
        ],
    )


def alter(
    broker: RunningNode,
    *resources: IncrementalAlterConfigsResource,
    version: int = 1,
    validate_only: bool = False,
) -> list[int]:
    request = IncrementalAlterConfigsRequest(resources=list(resources), validate_only=validate_only)
    return [each.error_code for each in broker.call(request, version).responses]


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
