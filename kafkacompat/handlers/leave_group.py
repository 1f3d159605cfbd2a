"""LeaveGroup (key 13): take members out of a group.

v0-v2 name one member; from v3 on several, static ones by their instance ids too.
"""

from kafkacompat.coordinator.groups.consumer import classic_members
from kafkacompat.coordinator.groups.member_requests import leave
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.reply import Reply
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.leave_group import (
    LeaveGroupRequest,
    LeaveGroupResponse,
    MemberIdentity,
    MemberResponse,
)

FIRST_VERSION_WITH_MEMBERS = 3


@handles(LeaveGroupRequest, versions="0-5", authorise=needs(Operation.READ, Resource.GROUP))
def leave_group(call: Call, request: LeaveGroupRequest) -> Reply | LeaveGroupResponse:
    """Leave. Errors: UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, those of `GroupCoordinator.shard`."""
    code = call.check(Operation.READ, Resource.GROUP, request.group_id)
    if code:
        raise KafkaError(code)
    groups, clock = call.node.groups, call.node.clock
    shard = groups.shard(request.group_id)
    several = call.version >= FIRST_VERSION_WITH_MEMBERS
    members = request.members if several else [MemberIdentity(member_id=request.member_id)]
    group, consumer = shard.classic(request.group_id), shard.consumer(request.group_id)
    if group is None and consumer is None:
        return _unknown(members, several)
    inner, reply = Reply(), Reply()

    def pass_on(response: LeaveGroupResponse | BaseException | None) -> None:
        if isinstance(response, LeaveGroupResponse) and not several:
            response = LeaveGroupResponse(error_code=response.members[0].error_code)
        reply.resolve(response)

    inner.when_done(pass_on)
    if consumer is not None:
        outcome = classic_members.leave(consumer, members, inner)
    elif group is not None:
        outcome = leave(group, members, clock.monotonic_ms(), clock.wall_ms(), inner)
    groups.run(shard, outcome, request.group_id)
    return reply


def _unknown(members: list[MemberIdentity], several: bool) -> LeaveGroupResponse:
    code = ErrorCode.UNKNOWN_MEMBER_ID
    if not several:
        return LeaveGroupResponse(error_code=code)
    return LeaveGroupResponse(
        error_code=0,
        members=[
            MemberResponse(
                member_id=member.member_id,
                group_instance_id=member.group_instance_id,
                error_code=code,
            )
            for member in members
        ],
    )
