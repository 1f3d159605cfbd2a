"""ApiVersions over the wire, and the oddities that decide whether a client works."""

import pytest

from kafkacompat.handlers._index import HANDLERS
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.api_versions import ApiVersionsRequest
from tests.support.node import RunningNode


def request(name: str = "tester", version: str = "1.0") -> ApiVersionsRequest:
    return ApiVersionsRequest(client_software_name=name, client_software_version=version)


@pytest.mark.parametrize("version", range(5))
def test_every_handler_is_listed_with_its_range(broker: RunningNode, version: int) -> None:
    told = broker.call(request(), version)
    found = {api.api_key: (api.min_version, api.max_version) for api in told.api_keys}
    assert found == {key: entry[:2] for key, entry in HANDLERS.items()}


def test_a_version_from_the_future_is_told_ours_and_stays_connected(broker: RunningNode) -> None:
    client = broker.client()
    # key 18, version 9, correlation id 7, no client id, and a body that nobody can read
    client.send_frame(bytes.fromhex("0012" + "0009" + "00000007" + "ffff" + "00ff"))
    payload = client.receive_frame()
    # correlation id; v0 body: error 35, one entry: key 18, 0 to 4
    assert payload.hex() == "00000007" + "0023" + "00000001" + "0012" + "0000" + "0004"
    assert client.call(request(), 3).error_code == 0


@pytest.mark.parametrize("version", [3, 4])
def test_features_that_begin_at_0_are_listed_from_version_4_on(
    broker: RunningNode, version: int
) -> None:
    told = broker.call(request(), version)
    lowest = {feature.name: feature.min_version for feature in told.supported_features}
    assert lowest["metadata.version"] > 0
    assert ("kraft.version" in lowest) == (version == 4)


def test_what_is_not_done_yet_is_not_finalised(broker: RunningNode) -> None:
    told = broker.call(request(), 4)
    levels = {feature.name: feature.max_version_level for feature in told.finalized_features}
    assert levels["metadata.version"] == 30
    assert (levels["transaction.version"], levels["group.version"]) == (2, 1)
    assert not levels.keys() & {"streams.version"}


@pytest.mark.parametrize("name", ["", "-x", "x.", "a b", "é", "x" * 256])
def test_a_software_name_that_is_none_is_refused(broker: RunningNode, name: str) -> None:
    assert broker.call(request(name), 3).error_code == ErrorCode.INVALID_REQUEST
    assert broker.call(request(version=name), 3).error_code == ErrorCode.INVALID_REQUEST
