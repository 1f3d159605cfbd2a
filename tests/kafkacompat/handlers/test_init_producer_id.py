"""InitProducerId over the wire."""

from pathlib import Path

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.init_producer_id import InitProducerIdRequest
from tests.support.node import RunningNode, running_node

ANYBODY = InitProducerIdRequest(transactional_id=None, transaction_timeout_ms=0)


@pytest.mark.parametrize("version", range(6))
def test_each_producer_gets_an_id_of_its_own(broker: RunningNode, version: int) -> None:
    told = [broker.call(ANYBODY, version) for _ in range(3)]
    assert [(t.error_code, t.producer_epoch) for t in told] == [(0, 0)] * 3
    ids = [t.producer_id for t in told]
    assert ids == sorted(set(ids))


def test_no_id_is_given_out_twice_over_a_restart(tmp_path: Path) -> None:
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "os"}
    seen = set()
    for _ in range(3):
        with running_node(on_disk) as broker:
            for _ in range(2):
                seen.add(broker.call(ANYBODY, 4).producer_id)
    assert len(seen) == 6


@pytest.mark.parametrize(
    ("name", "code"),
    [("", ErrorCode.INVALID_REQUEST), ("tx", ErrorCode.COORDINATOR_NOT_AVAILABLE)],
)
def test_transactional_ids_are_refused(broker: RunningNode, name: str, code: ErrorCode) -> None:
    request = InitProducerIdRequest(transactional_id=name, transaction_timeout_ms=1000)
    assert broker.call(request, 4).error_code == code
