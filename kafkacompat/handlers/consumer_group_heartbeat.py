"""ConsumerGroupHeartbeat (key 68): join a consumer group, stay in it, leave it (KIP-848).

v1 adds subscriptions by pattern, and has clients make their member ids. The first such member
of a classic group makes it a consumer group.
"""

from kafkacompat.coordinator.groups.consumer.conversion import upgraded
from kafkacompat.coordinator.groups.consumer.group import ConsumerGroup, Sender
from kafkacompat.coordinator.groups.consumer.member import JOIN
from kafkacompat.coordinator.groups.consumer.requests import failure
from kafkacompat.coordinator.groups.consumer.subscriptions import TopicsView
from kafkacompat.coordinator.groups.coordinator import new_member_id
from kafkacompat.coordinator.groups.shard import GroupShard
from kafkacompat.coordinator.outcome import Outcome
from kafkacompat.metadata.features import GROUP_FEATURE
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
    feature=GROUP_FEATURE,
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
    makes_id = call.version < FIRST_VERSION_WITH_OWN_IDS and not request.member_id
    sender = Sender(
        client_id=call.client_id or "",
        client_host=f"/{call.connection.ip}",
        now_ms=clock.monotonic_ms(),
        wall_ms=clock.wall_ms(),
        new_id=new_member_id(call.client_id or "consumer") if makes_id else "",
    )
    reply = Reply()
    topics = groups.topics_view()
    if shard.classic(request.group_id) is not None:
        outcome = _upgrade(shard, request, sender, topics, reply)
    else:
        group = shard.consumer_group(request.group_id)
        outcome = group.heartbeat(request, sender, topics, reply)
    groups.run(shard, outcome, request.group_id)
    return reply


def _upgrade(
    shard: GroupShard,
    request: ConsumerGroupHeartbeatRequest,
    sender: Sender,
    topics: TopicsView,
    reply: Reply,
) -> Outcome:
    """Have a classic group become a consumer group, if this member may join it.

    Errors: GROUP_ID_NOT_FOUND.
    """
    classic = shard.classic(request.group_id)
    assert classic is not None
    settings = shard.consumer_settings(request.group_id)
    records = None
    if request.member_epoch == JOIN and (settings.may_upgrade or not classic.members):
        records = upgraded(classic, topics)
    if records is None:
        message = f"Group {request.group_id} is not a consumer group."
        raise KafkaError(ErrorCode.GROUP_ID_NOT_FOUND, message)
    draft = ConsumerGroup(request.group_id, settings)
    for write in records:
        draft.replay(write.key, write.value, sender.now_ms)
    outcome = draft.heartbeat(request, sender, topics, reply)
    if outcome.records:  # It is let in: whoever waits in the rebalance of old joins anew.
        outcome.records[:0] = records
        outcome.replies += classic.abandoned(ErrorCode.REBALANCE_IN_PROGRESS).replies
    return outcome
