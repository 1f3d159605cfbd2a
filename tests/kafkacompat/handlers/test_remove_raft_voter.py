"""RemoveRaftVoter over the wire: refused as by a Kafka whose voters are fixed."""

from typing import Any

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.remove_raft_voter import RemoveRaftVoterRequest
from tests.support.node import RunningNode


def remove(broker: RunningNode, **changes: Any) -> tuple[int, str | None]:
    fields = {"voter_id": 1, "voter_directory_id": b"d" * 16}
    told = broker.call(RemoveRaftVoterRequest(**fields | changes), 0)
    return told.error_code, told.error_message


def test_voters_are_fixed(broker: RunningNode) -> None:
    message = "Cluster doesn't support removing voter because the kraft.version feature is 0"
    assert remove(broker) == (ErrorCode.UNSUPPORTED_VERSION, message)


def test_what_makes_no_sense_is_refused_first(broker: RunningNode) -> None:
    assert remove(broker, cluster_id="zz")[0] == ErrorCode.INCONSISTENT_CLUSTER_ID
    no_voter = (ErrorCode.INVALID_REQUEST, "Remove voter request didn't include a valid voter")
    assert remove(broker, voter_id=-1) == no_voter
    assert remove(broker, voter_directory_id=bytes(16)) == no_voter
