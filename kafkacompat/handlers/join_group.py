"""JoinGroup (key 11): become, or remain, a member of a classic group.

v1 adds a timeout of its own for rebalances; from v4 on a new member first gets its id and comes
back with it; v5 adds static members; v9 lets a static leader that returns skip assigning.
"""

from kafkacompat.coordinator.groups.classic import join_failure
from kafkacompat.coordinator.groups.consumer import classic_members
from kafkacompat.coordinator.groups.consumer.conversion import emptied
from kafkacompat.coordinator.groups.coordinator import new_member_id
from kafkacompat.coordinator.groups.joining import Caller, check_session_timeout, join
from kafkacompat.coordinator.outcome import Outcome
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.reply import Reply
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.join_group import JoinGroupRequest, JoinGroupResponse


def refuse(request: JoinGroupRequest, code: ErrorCode, message: str | None) -> JoinGroupResponse:
    """Answer with an error."""
    return join_failure(code, request.member_id)


@handles(
    JoinGroupRequest,
    versions="0-9",
    authorise=needs(Operation.READ, Resource.GROUP),
    refuse=refuse,
)
def join_group(call: Call, request: JoinGroupRequest) -> Reply:
    """Join; the answer comes when all members have.

    Errors: those of `joining.join` and of `GroupCoordinator.shard`.
    """
    code = call.check(Operation.READ, Resource.GROUP, request.group_id)
    if code:
        raise KafkaError(code)
    groups, clock = call.node.groups, call.node.clock
    shard = groups.shard(request.group_id)
    caller = Caller(
        client_id=call.client_id or "",
        client_host=f"/{call.connection.ip}",
        version=call.version,
        now_ms=clock.monotonic_ms(),
        wall_ms=clock.wall_ms(),
    )
    reply = Reply()
    consumer = shard.consumer(request.group_id)
    if consumer is not None and not consumer.members:
        groups.run(shard, Outcome(records=emptied(consumer, caller.wall_ms)))
        consumer = None
    if consumer is not None:
        check_session_timeout(shard.settings, request)
        outcome = classic_members.join(
            consumer, request, caller, groups.topics_view(), reply, new_member_id
        )
    else:
        outcome = join(shard.group(request.group_id), request, caller, reply, new_member_id)
    groups.run(shard, outcome, request.group_id)
    return reply
