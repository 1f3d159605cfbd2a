"""ShareGroupHeartbeat (key 76): join a share group, stay in it, leave it (KIP-932).

v0 was never stable: v1 is the only version.
"""

from kafkacompat.coordinator.groups.share import Sender, failure
from kafkacompat.metadata.features import SHARE_FEATURE
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.reply import Reply
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.share_group_heartbeat import (
    ShareGroupHeartbeatRequest,
    ShareGroupHeartbeatResponse,
)


def refuse(
    request: ShareGroupHeartbeatRequest, code: ErrorCode, message: str | None
) -> ShareGroupHeartbeatResponse:
    """Answer with an error."""
    return failure(code, message)


@handles(
    ShareGroupHeartbeatRequest,
    versions="1",
    authorise=needs(Operation.READ, Resource.GROUP),
    refuse=refuse,
    feature=SHARE_FEATURE,
)
def share_group_heartbeat(call: Call, request: ShareGroupHeartbeatRequest) -> Reply:
    """Answer when what the heartbeat changed is durable.

    Errors: those of `ShareGroup.heartbeat`, `GroupShard.share_group` and
    `GroupCoordinator.shard`; TOPIC_AUTHORIZATION_FAILED.
    """
    code = call.check(Operation.READ, Resource.GROUP, request.group_id)
    for name in request.subscribed_topic_names or ():
        code = code or call.check(Operation.DESCRIBE, Resource.TOPIC, name)
    if code:
        raise KafkaError(code)
    if not request.group_id.strip():
        raise KafkaError(ErrorCode.INVALID_REQUEST, "GroupId can't be empty.")
    groups, clock = call.node.groups, call.node.clock
    shard = groups.shard(request.group_id)
    group = shard.share_group(request.group_id)
    sender = Sender(
        client_id=call.client_id or "",
        client_host=f"/{call.connection.ip}",
        now_ms=clock.monotonic_ms(),
        wall_ms=clock.wall_ms(),
    )
    reply = Reply()
    outcome = group.heartbeat(request, sender, groups.topic_named, reply)
    groups.run(shard, outcome, request.group_id)
    return reply
