"""AddRaftVoter (key 80): refuse another voter, as a quorum of fixed voters does.

v1 adds ack_when_committed.
"""

from kafkacompat.handlers.raft_voters import check_voter, refuse_change
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.add_raft_voter import (
    AddRaftVoterRequest,
    AddRaftVoterResponse,
)

CONTROLLER_LISTENER = "CONTROLLER"


@handles(AddRaftVoterRequest, versions="0-1", authorise=needs(Operation.ALTER, Resource.CLUSTER))
def add_raft_voter(call: Call, request: AddRaftVoterRequest) -> AddRaftVoterResponse:
    """Refuse. Errors: UNSUPPORTED_VERSION, and for what makes no sense those of `check_voter`."""
    code = call.check(Operation.ALTER, Resource.CLUSTER, "kafka-cluster")
    if code:
        raise KafkaError(code)
    check_voter(call.node, request.cluster_id, request.voter_id, request.voter_directory_id, "Add")
    if all(listener.name != CONTROLLER_LISTENER for listener in request.listeners):
        given = ", ".join(
            f"ListenerName({each.name})={each.host}/<unresolved>:{each.port}"
            for each in request.listeners
        )
        raise KafkaError(
            ErrorCode.INVALID_REQUEST,
            f"Add voter request didn't include the endpoint (Endpoints(endpoints={{{given}}})) for"
            f" the default listener ListenerName({CONTROLLER_LISTENER})",
        )
    refuse_change("adding")
