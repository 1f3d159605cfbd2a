"""SyncGroup (key 14): hand out, or wait for, the assignment of a generation.

v3 adds static members; v5 names the protocol, which must be the group's.
"""

from kafkacompat.coordinator.groups.consumer import classic_members
from kafkacompat.coordinator.groups.member_requests import sync
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.reply import Reply
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.sync_group import SyncGroupRequest, SyncGroupResponse


def refuse(request: SyncGroupRequest, code: ErrorCode, message: str | None) -> SyncGroupResponse:
    """Answer with an error."""
    if code is ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
        code = ErrorCode.REBALANCE_IN_PROGRESS  # as Kafka: clients join again either way
    return SyncGroupResponse(error_code=code, assignment=b"")


@handles(
    SyncGroupRequest,
    versions="0-5",
    authorise=needs(Operation.READ, Resource.GROUP),
    refuse=refuse,
)
def sync_group(call: Call, request: SyncGroupRequest) -> Reply:
    """Sync; the answer comes when the leader's assignment is durable.

    Errors: those of `member_requests.sync` and of `GroupCoordinator.shard`.
    """
    code = call.check(Operation.READ, Resource.GROUP, request.group_id)
    if code:
        raise KafkaError(code)
    if call.version >= 5 and (request.protocol_type is None or request.protocol_name is None):
        raise KafkaError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    groups, clock = call.node.groups, call.node.clock
    shard = groups.shard(request.group_id)
    group, consumer = shard.classic(request.group_id), shard.consumer(request.group_id)
    now_ms, reply = clock.monotonic_ms(), Reply()
    if consumer is not None:
        outcome = classic_members.sync(consumer, request, now_ms, reply)
    elif group is not None:
        outcome = sync(group, request, now_ms, clock.wall_ms(), reply)
    else:
        raise KafkaError(ErrorCode.UNKNOWN_MEMBER_ID)
    groups.run(shard, outcome, request.group_id)
    return reply
