"""Group requests over the wire, for tests of handlers."""

from typing import Any

from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from kafkacompat_protocol.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from kafkacompat_protocol.messages.share_group_heartbeat import (
    ShareGroupHeartbeatRequest,
    ShareGroupHeartbeatResponse,
)
from kafkacompat_protocol.messages.sync_group import SyncGroupRequest, SyncGroupRequestAssignment
from tests.support.node import RunningNode

# version 0, the topic "t", no user data: a consumer's subscription
SUBSCRIPTION = bytes.fromhex("0000" + "00000001" + "000174" + "ffffffff")


def join_request(group_id: str, member_id: str = "", **fields: Any) -> JoinGroupRequest:
    """Return a consumer's JoinGroup."""
    return JoinGroupRequest(
        group_id=group_id,
        session_timeout_ms=10_000,
        rebalance_timeout_ms=10_000,
        member_id=member_id,
        protocol_type="consumer",
        protocols=[JoinGroupRequestProtocol(name="range", metadata=SUBSCRIPTION)],
        **fields,
    )


def enter(broker: RunningNode, group_id: str, *, assignment: bytes = b"mine") -> tuple[str, int]:
    """Make a stable group of one member; return the member's id and the generation."""
    broker.call(FindCoordinatorRequest(key=group_id), 2)
    joined = broker.call(join_request(group_id), 3)
    assert joined.error_code == 0, joined
    shares = [SyncGroupRequestAssignment(member_id=joined.member_id, assignment=assignment)]
    request = SyncGroupRequest(
        group_id=group_id,
        generation_id=joined.generation_id,
        member_id=joined.member_id,
        assignments=shares,
    )
    assert broker.call(request, 2).error_code == 0
    return joined.member_id, joined.generation_id


def share_heartbeat(
    broker: RunningNode, group_id: str, epoch: int, member_id: str = "m", **fields: Any
) -> ShareGroupHeartbeatResponse:
    """Send a ShareGroupHeartbeat; epoch 0 joins, subscribed to the topic "t" by default."""
    broker.call(FindCoordinatorRequest(key=group_id), 2)
    if epoch == 0:
        fields.setdefault("subscribed_topic_names", ["t"])
    request = ShareGroupHeartbeatRequest(
        group_id=group_id, member_id=member_id, member_epoch=epoch, **fields
    )
    answer: ShareGroupHeartbeatResponse = broker.call(request, 1)
    return answer
