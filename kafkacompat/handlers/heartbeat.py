"""Heartbeat (key 12): keep a member alive, and tell it of a rebalance. v3 adds static members."""

from kafkacompat.coordinator.groups import member_requests
from kafkacompat.coordinator.groups.consumer import classic_members
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.heartbeat import HeartbeatRequest, HeartbeatResponse


def refuse(request: HeartbeatRequest, code: ErrorCode, message: str | None) -> HeartbeatResponse:
    """Answer with an error; a coordinator that still loads counts the member as alive."""
    if code is ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
        code = ErrorCode.NONE
    return HeartbeatResponse(error_code=code)


@handles(
    HeartbeatRequest,
    versions="0-4",
    authorise=needs(Operation.READ, Resource.GROUP),
    refuse=refuse,
)
def heartbeat(call: Call, request: HeartbeatRequest) -> HeartbeatResponse:
    """Begin the member's session timeout anew.

    Errors: those of `member_requests.heartbeat` and of `GroupCoordinator.shard`.
    """
    code = call.check(Operation.READ, Resource.GROUP, request.group_id)
    if code:
        raise KafkaError(code)
    groups, now_ms = call.node.groups, call.node.clock.monotonic_ms()
    shard = groups.shard(request.group_id)
    consumer = shard.consumer(request.group_id)
    if consumer is not None:
        response = classic_members.heartbeat(consumer, request, now_ms)
        groups.set_timer(shard, request.group_id)
        return response
    group = shard.classic(request.group_id)
    if group is None:
        raise KafkaError(ErrorCode.UNKNOWN_MEMBER_ID)
    return member_requests.heartbeat(group, request, now_ms)
