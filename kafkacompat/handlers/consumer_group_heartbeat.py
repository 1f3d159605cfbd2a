"""ConsumerGroupHeartbeat (key 68): join a consumer group, stay in it, leave it (KIP-848).

v1 adds subscriptions by pattern, and has clients make their member ids.
"""

from kafkacompat.coordinator.groups.consumer.group import Sender
from kafkacompat.coordinator.groups.consumer.requests import failure
from kafkacompat.coordinator.groups.coordinator import new_member_id
from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.reply import Reply
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.consumer_group_heartbeat import (
    ConsumerGroupHeartbeatRequest,
    ConsumerGroupHeartbeatResponse,
)

FIRST_VERSION_WITH_OWN_IDS = 1


def refuse(
    request: ConsumerGroupHeartbeatRequest, code: ErrorCode, message: str | None
) -> ConsumerGroupHeartbeatResponse:
    """Answer with an error."""
    return failure(code, message)


@handles(
    ConsumerGroupHeartbeatRequest,
    versions="0-1",
    authorise=needs(Operation.READ, Resource.GROUP),
    refuse=refuse,
)
def consumer_group_heartbeat(call: Call, request: ConsumerGroupHeartbeatRequest) -> Reply:
    """Answer when what the heartbeat changed is durable.

    Errors: those of `ConsumerGroup.heartbeat`, `GroupShard.consumer_group` and
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
    group = shard.consumer_group(request.group_id)
    makes_id = call.version < FIRST_VERSION_WITH_OWN_IDS and not request.member_id
    sender = Sender(
        client_id=call.client_id or "",
        client_host=f"/{call.connection.ip}",
        now_ms=clock.monotonic_ms(),
        wall_ms=clock.wall_ms(),
        new_id=new_member_id(call.client_id or "consumer") if makes_id else "",
    )
    reply = Reply()
    outcome = group.heartbeat(request, sender, groups.topics_view(), reply)
    groups.run(shard, outcome, request.group_id)
    return reply
