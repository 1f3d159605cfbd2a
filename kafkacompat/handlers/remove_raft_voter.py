"""RemoveRaftVoter (key 81): refuse, as a quorum of fixed voters does. v0 is the only version."""

from kafkacompat.handlers.raft_voters import check_voter, refuse_change
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import KafkaError
from kafkacompat_protocol.messages.remove_raft_voter import (
    RemoveRaftVoterRequest,
    RemoveRaftVoterResponse,
)


@handles(RemoveRaftVoterRequest, versions="0", authorise=needs(Operation.ALTER, Resource.CLUSTER))
def remove_raft_voter(call: Call, request: RemoveRaftVoterRequest) -> RemoveRaftVoterResponse:
    """Refuse. Errors: UNSUPPORTED_VERSION, and for what makes no sense those of `check_voter`."""
    code = call.check(Operation.ALTER, Resource.CLUSTER, "kafka-cluster")
    if code:
        raise KafkaError(code)
    check_voter(
        call.node, request.cluster_id, request.voter_id, request.voter_directory_id, "Remove"
    )
    refuse_change("removing")
