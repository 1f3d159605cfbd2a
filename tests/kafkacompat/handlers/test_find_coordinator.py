"""FindCoordinator over the wire."""

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from tests.support.node import RunningNode


@pytest.mark.parametrize("version", range(7))
def test_this_node_coordinates_every_group(broker: RunningNode, version: int) -> None:
    request = FindCoordinatorRequest(key="g", coordinator_keys=["g"])
    told = broker.call(request, version)
    found = told if version < 4 else told.coordinators[0]
    assert (found.error_code, found.node_id) == (0, 1)
    assert (found.host, found.port) == broker.address
    assert broker.run(lambda: broker.node.groups.has_topic)


@pytest.mark.parametrize("version", range(1, 7))
def test_this_node_coordinates_every_transactional_id(broker: RunningNode, version: int) -> None:
    request = FindCoordinatorRequest(key="x", key_type=1, coordinator_keys=["x"])
    told = broker.call(request, version)
    found = told if version < 4 else told.coordinators[0]
    assert (found.error_code, found.node_id) == (0, 1)
    assert (found.host, found.port) == broker.address
    assert broker.run(lambda: broker.node.transactions.has_topic)


@pytest.mark.parametrize("key_type", [9])
def test_other_kinds_of_keys_have_no_coordinator(broker: RunningNode, key_type: int) -> None:
    code = ErrorCode.INVALID_REQUEST
    told = broker.call(FindCoordinatorRequest(key="x", key_type=key_type), 3)
    assert told.error_code == code
    several = FindCoordinatorRequest(key_type=key_type, coordinator_keys=["x", "y"])
    assert [c.error_code for c in broker.call(several, 6).coordinators] == [code, code]


def test_this_node_coordinates_every_share_partition(broker: RunningNode) -> None:
    name = "g:AAECAwQFBgcICQoLDA0ODw:3"
    request = FindCoordinatorRequest(key_type=2, coordinator_keys=[name, "g", "g:short:3"])

    found, *refused = broker.call(request, 6).coordinators

    assert (found.key, found.error_code, found.node_id) == (name, 0, 1)
    assert [each.error_code for each in refused] == [ErrorCode.INVALID_REQUEST] * 2
    assert broker.run(lambda: broker.node.share.has_topic)
    (before,) = broker.call(request, 5).coordinators[:1]
    assert before.error_code == ErrorCode.INVALID_REQUEST
