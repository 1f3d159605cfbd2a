"""AddRaftVoter over the wire: refused as by a Kafka whose voters are fixed."""

from typing import Any

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.add_raft_voter import AddRaftVoterRequest, VoterListener
from tests.support.node import RunningNode

CONTROLLER = VoterListener(name="CONTROLLER", host="h", port=1)
OTHER = VoterListener(name="X", host="h", port=1)
INVALID, INCONSISTENT = ErrorCode.INVALID_REQUEST, ErrorCode.INCONSISTENT_CLUSTER_ID


def add(broker: RunningNode, version: int = 1, **changes: Any) -> tuple[int, str | None]:
    fields = {
        "timeout_ms": 1000,
        "voter_id": 2,
        "voter_directory_id": b"d" * 16,
        "listeners": [CONTROLLER],
    }
    told = broker.call(AddRaftVoterRequest(**fields | changes), version)
    return told.error_code, told.error_message


@pytest.mark.parametrize("version", range(2))
def test_voters_are_fixed(broker: RunningNode, version: int) -> None:
    message = "Cluster doesn't support adding voter because the kraft.version feature is 0"
    cluster_id = broker.node.cluster_id
    for known in (None, cluster_id):
        found = add(broker, version, cluster_id=known)
        assert found == (ErrorCode.UNSUPPORTED_VERSION, message)


def test_what_makes_no_sense_is_refused_first(broker: RunningNode) -> None:
    message = f'The given id "zz" doesn\'t match the cluster id "{broker.node.cluster_id}"'
    assert add(broker, cluster_id="zz") == (INCONSISTENT, message)
    no_voter = (INVALID, "Add voter request didn't include a valid voter")
    assert add(broker, voter_id=-1) == no_voter
    assert add(broker, voter_directory_id=bytes(16)) == no_voter
    for listeners, given in (([], ""), ([OTHER], "ListenerName(X)=h/<unresolved>:1")):
        code, told = add(broker, listeners=listeners)
        assert code == INVALID
        assert told == (
            f"Add voter request didn't include the endpoint (Endpoints(endpoints={{{given}}})) for"
            " the default listener ListenerName(CONTROLLER)"
        )
