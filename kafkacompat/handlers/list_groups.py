"""ListGroups (key 16): the groups that this broker coordinates.

v4 adds a filter by state, v5 one by type; both are matched without regard to case.
"""

from kafkacompat.coordinator.groups.classic import GroupState
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.list_groups import (
    ListedGroup,
    ListGroupsRequest,
    ListGroupsResponse,
)

CLASSIC = "classic"


def refuse(request: ListGroupsRequest, code: ErrorCode, message: str | None) -> ListGroupsResponse:
    """Answer with an error."""
    return ListGroupsResponse(error_code=code, groups=[])


@handles(
    ListGroupsRequest,
    versions="0-5",
    authorise=needs(Operation.DESCRIBE, Resource.GROUP, per_item=True),
    refuse=refuse,
)
def list_groups(call: Call, request: ListGroupsRequest) -> ListGroupsResponse:
    """List groups. Errors: COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE."""
    states = {state.lower() for state in request.states_filter}
    types = {name.lower() for name in request.types_filter}
    listed = []
    if call.node.is_stopping:
        raise KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    for shard in call.node.groups.shards():
        for group_id in sorted(shard.group_ids()):
            group = shard.groups.get(group_id)
            state = GroupState.EMPTY.value if group is None else group.state.value
            if states and state.lower() not in states:
                continue
            if types and CLASSIC not in types:
                continue
            if not call.authorize(Operation.DESCRIBE, Resource.GROUP, group_id):
                continue
            protocol_type = "" if group is None else group.protocol_type or ""
            listed.append(
                ListedGroup(
                    group_id=group_id,
                    protocol_type=protocol_type,
                    group_state=state,
                    group_type=CLASSIC,
                )
            )
    return ListGroupsResponse(error_code=0, groups=listed)
