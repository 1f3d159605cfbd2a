"""ListGroups (key 16): the groups that this broker coordinates.

v4 adds a filter by state, v5 one by type; both are matched without regard to case.
"""

from kafkacompat.coordinator.groups.classic import GroupState
from kafkacompat.coordinator.groups.shard import GroupShard
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.list_groups import (
    ListedGroup,
    ListGroupsRequest,
    ListGroupsResponse,
)

CLASSIC, CONSUMER, SHARE = "classic", "consumer", "share"


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
            group = _listed(shard, group_id)
            if states and group.group_state.lower() not in states:
                continue
            if types and group.group_type not in types:
                continue
            if call.authorize(Operation.DESCRIBE, Resource.GROUP, group_id):
                listed.append(group)
    return ListGroupsResponse(error_code=0, groups=listed)


def _listed(shard: GroupShard, group_id: str) -> ListedGroup:
    """Return a group as it is listed; one that has only offsets is an empty classic group."""
    share = shard.share(group_id)
    if share is not None:
        return ListedGroup(
            group_id=group_id, protocol_type=SHARE, group_state=share.state, group_type=SHARE
        )
    consumer = shard.consumer(group_id)
    if consumer is not None:
        return ListedGroup(
            group_id=group_id,
            protocol_type=CONSUMER,
            group_state=consumer.state,
            group_type=CONSUMER,
        )
    classic = shard.classic(group_id)
    return ListedGroup(
        group_id=group_id,
        protocol_type="" if classic is None else classic.protocol_type or "",
        group_state=(GroupState.EMPTY if classic is None else classic.state).value,
        group_type=CLASSIC,
    )
