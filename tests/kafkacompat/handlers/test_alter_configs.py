"""AlterConfigs over the wire: what is not named any more is taken back."""

from pathlib import Path

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.alter_configs import (
    AlterableConfig,
    AlterConfigsRequest,
    AlterConfigsResource,
)
from tests.support.altering import alter, resource
from tests.support.node import RunningNode, running_node

TOPIC, BROKER, LOGGER, GROUP = 2, 4, 8, 32


def whole(kind: int, name: str, **values: str | None) -> AlterConfigsResource:
    """Return a whole configuration: keys with underscores for dots."""
    configs = [
        AlterableConfig(name=key.replace("_", "."), value=value) for key, value in values.items()
    ]
    return AlterConfigsResource(resource_type=kind, resource_name=name, configs=configs)


def replace(
    broker: RunningNode,
    *resources: AlterConfigsResource,
    version: int = 2,
    validate_only: bool = False,
) -> list[tuple[int, str | None]]:
    request = AlterConfigsRequest(resources=list(resources), validate_only=validate_only)
    told = broker.call(request, version).responses
    return [(each.error_code, each.error_message) for each in told]


def own(broker: RunningNode, kind: int, name: str) -> dict[str, str]:
    return dict(broker.run(lambda: broker.node.image.config(kind, name)))


@pytest.mark.parametrize("version", range(3))
def test_a_whole_configuration_is_replaced(broker: RunningNode, version: int) -> None:
    name = f"whole{version}"
    broker.create_topic(name, retention_ms="5", segment_ms="6")

    told = replace(broker, whole(TOPIC, name, segment_ms="7"), version=version)

    assert told == [(0, None)]
    assert own(broker, TOPIC, name) == {"segment.ms": "7"}


def test_an_empty_configuration_takes_all_back(broker: RunningNode) -> None:
    alter(broker, resource(GROUP, "emptied", share_auto_offset_reset="earliest"))

    assert replace(broker, whole(GROUP, "emptied")) == [(0, None)]
    assert own(broker, GROUP, "emptied") == {}


def test_what_is_only_checked_changes_nothing(broker: RunningNode) -> None:
    broker.create_topic("checked", retention_ms="5")

    wanted = whole(TOPIC, "checked", segment_ms="7")
    assert replace(broker, wanted, validate_only=True) == [(0, None)]
    assert own(broker, TOPIC, "checked") == {"retention.ms": "5"}


def test_each_resource_is_answered_for_itself(broker: RunningNode) -> None:
    broker.create_topic("mixed", retention_ms="5")

    told = replace(
        broker,
        whole(TOPIC, "mixed", retention_ms="soon"),
        whole(TOPIC, "unheard-of", retention_ms="5"),
        whole(GROUP, "mixed", share_auto_offset_reset="latest"),
        whole(LOGGER, "1", root="INFO"),
    )

    wrong = "Invalid value soon for configuration retention.ms: Not a number of type LONG"
    assert told == [
        (ErrorCode.INVALID_CONFIG, wrong),
        (ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "The topic 'unheard-of' does not exist."),
        (0, None),
        (ErrorCode.INVALID_REQUEST, "Unknown resource type 8"),
    ]
    assert own(broker, TOPIC, "mixed") == {"retention.ms": "5"}


def test_a_resource_that_is_named_twice_is_refused_both_times(broker: RunningNode) -> None:
    both = whole(GROUP, "twice", share_auto_offset_reset="latest")

    assert (
        replace(broker, both, both)
        == [(ErrorCode.INVALID_REQUEST, "Each resource must appear at most once.")] * 2
    )


def test_what_was_replaced_is_there_after_a_restart(tmp_path: Path) -> None:
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "os"}
    with running_node(on_disk) as broker:
        replace(broker, whole(BROKER, "", min_insync_replicas="1", log_retention_ms="7"))
    with running_node(on_disk) as broker:
        assert broker.run(lambda: dict(broker.node.config.dynamic_cluster)) == {
            "min.insync.replicas": "1",
            "log.retention.ms": "7",
        }
