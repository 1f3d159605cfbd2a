"""ListConfigResources over the wire."""

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.list_config_resources import ListConfigResourcesRequest
from tests.support.altering import alter, resource
from tests.support.node import RunningNode, running_node

TOPIC, BROKER, LOGGER, CLIENT_METRICS, GROUP = 2, 4, 8, 16, 32


def listed(broker: RunningNode, *types: int, version: int = 1) -> list[tuple[int, str]]:
    told = broker.call(ListConfigResourcesRequest(resource_types=list(types)), version)
    assert told.error_code == 0
    return [(each.resource_type, each.resource_name) for each in told.config_resources]


def test_all_resources_are_named_by_their_types() -> None:
    with running_node() as broker:
        broker.create_topic("t")
        alter(broker, resource(CLIENT_METRICS, "m", interval_ms="1000"))
        alter(broker, resource(GROUP, "g", share_auto_offset_reset="latest"))

        assert listed(broker) == [
            (TOPIC, "t"),
            (BROKER, "1"),
            (LOGGER, "1"),
            (CLIENT_METRICS, "m"),
            (GROUP, "g"),
        ]
        assert listed(broker, GROUP, TOPIC) == [(TOPIC, "t"), (GROUP, "g")]
        assert listed(broker, version=0) == [(CLIENT_METRICS, "m")]


def test_a_type_that_nobody_knows_is_not_supported(broker: RunningNode) -> None:
    told = broker.call(ListConfigResourcesRequest(resource_types=[TOPIC, 99]), 1)
    assert (told.error_code, told.config_resources) == (ErrorCode.UNSUPPORTED_VERSION, [])
