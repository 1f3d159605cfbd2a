"""UpdateFeatures over the wire: what is finalised is told at once, and stays."""

from pathlib import Path
from typing import Any

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.api_versions import ApiVersionsRequest
from kafkacompat_protocol.messages.consumer_group_describe import ConsumerGroupDescribeRequest
from kafkacompat_protocol.messages.share_group_describe import ShareGroupDescribeRequest
from kafkacompat_protocol.messages.update_features import FeatureUpdateKey, UpdateFeaturesRequest
from tests.support.node import RunningNode, running_node

UPGRADE, SAFE = 1, 2
TRANSACTION = "transaction.version"


def update(
    broker: RunningNode,
    name: str,
    level: int,
    kind: int = UPGRADE,
    version: int = 2,
    **fields: Any,
) -> Any:
    wanted = FeatureUpdateKey(
        feature=name, max_version_level=level, upgrade_type=kind, allow_downgrade=kind == SAFE
    )
    return broker.call(UpdateFeaturesRequest(feature_updates=[wanted], **fields), version)


def finalised(broker: RunningNode) -> dict[str, int]:
    request = ApiVersionsRequest(client_software_name="t", client_software_version="1")
    told = broker.call(request, 4)
    return {each.name: each.max_version_level for each in told.finalized_features}


@pytest.mark.parametrize("version", range(3))
def test_a_feature_goes_down_and_up(version: int) -> None:
    with running_node() as broker:
        told = update(broker, TRANSACTION, 1, SAFE, version)

        assert (told.error_code, told.error_message) == (0, None)
        results = [(each.feature, each.error_code, each.error_message) for each in told.results]
        assert results == ([(TRANSACTION, 0, "NONE")] if version < 2 else [])
        assert finalised(broker)[TRANSACTION] == 1
        assert broker.run(lambda: broker.node.transactions.version) == 1
        update(broker, TRANSACTION, 2, UPGRADE, version)
        assert finalised(broker)[TRANSACTION] == 2


def test_what_is_only_checked_changes_nothing(broker: RunningNode) -> None:
    assert update(broker, TRANSACTION, 1, SAFE, validate_only=True).error_code == 0
    assert update(broker, TRANSACTION, 9, validate_only=True).error_code == 95
    assert finalised(broker)[TRANSACTION] == 2


@pytest.mark.parametrize("version", range(3))
def test_an_update_that_cannot_be_changes_nothing(broker: RunningNode, version: int) -> None:
    told = update(broker, TRANSACTION, 1, UPGRADE, version)

    assert (told.error_code, told.results) == (ErrorCode.INVALID_UPDATE_VERSION, [])
    assert told.error_message.startswith("The update failed for all features since")
    assert finalised(broker)[TRANSACTION] == 2


def test_protocols_of_groups_are_refused_while_they_are_not_finalised() -> None:
    requests = (
        ("group.version", ConsumerGroupDescribeRequest(group_ids=["g"])),
        ("share.version", ShareGroupDescribeRequest(group_ids=["g"])),
    )
    with running_node() as broker:
        for name, request in requests:
            update(broker, name, 0, SAFE)
            refused = broker.call(request, 1).groups[0].error_code
            assert refused == ErrorCode.UNSUPPORTED_VERSION
            update(broker, name, 1)
            assert broker.call(request, 1).groups[0].error_code != ErrorCode.UNSUPPORTED_VERSION


def test_what_is_finalised_is_there_after_a_restart(tmp_path: Path) -> None:
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "os"}
    with running_node(on_disk) as broker:
        update(broker, "eligible.leader.replicas.version", 0, SAFE)
        update(broker, TRANSACTION, 0, SAFE)
    with running_node(on_disk) as broker:
        assert finalised(broker).keys() == {"metadata.version", "group.version", "share.version"}
