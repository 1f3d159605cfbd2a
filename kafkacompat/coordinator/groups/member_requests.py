"""SyncGroup, Heartbeat and LeaveGroup: what members send once they belong to a group."""

from kafkacompat.coordinator.groups.classic import ClassicGroup, GroupState
from kafkacompat.coordinator.groups.member import Member
from kafkacompat.coordinator.groups.records import group_record
from kafkacompat.coordinator.outcome import Outcome, Ticket, answer
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from kafkacompat_protocol.messages.leave_group import (
    LeaveGroupResponse,
    MemberIdentity,
    MemberResponse,
)
from kafkacompat_protocol.messages.sync_group import SyncGroupRequest, SyncGroupResponse


def find_member(
    group: ClassicGroup, member_id: str, instance: str | None
) -> tuple[Member | None, ErrorCode]:
    """Return the member that is meant, or why there is none: UNKNOWN_MEMBER_ID, or
    FENCED_INSTANCE_ID when its instance has restarted under another id."""
    if instance is not None:
        known_id = group.static.get(instance)
        if known_id is None:
            return None, ErrorCode.UNKNOWN_MEMBER_ID
        if known_id != member_id:
            return None, ErrorCode.FENCED_INSTANCE_ID
    member = group.members.get(member_id)
    return member, ErrorCode.NONE if member is not None else ErrorCode.UNKNOWN_MEMBER_ID


def sync(
    group: ClassicGroup, request: SyncGroupRequest, now_ms: int, wall_ms: int, ticket: Ticket
) -> Outcome:
    """Take the leader's assignment, or wait for it.

    Errors: UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS,
    INCONSISTENT_GROUP_PROTOCOL.
    """
    member, code = find_member(group, request.member_id, request.group_instance_id)
    if member is not None:
        code = _sync_refusal(group, request)
    if code or member is None:
        return answer(ticket, SyncGroupResponse(error_code=code, assignment=b""))
    out = Outcome()
    member.heard(now_ms)
    if group.state is GroupState.STABLE:
        out.reply(ticket, group.synced(member))
        return out
    if member.sync_ticket is not None:
        again = SyncGroupResponse(error_code=ErrorCode.REBALANCE_IN_PROGRESS, assignment=b"")
        out.reply(member.sync_ticket, again)
    member.sync_ticket = ticket
    if member.member_id == group.leader:
        assignments = {item.member_id: item.assignment for item in request.assignments}
        out.records.append(group_record(group, wall_ms, assignments))
    return out


def _sync_refusal(group: ClassicGroup, request: SyncGroupRequest) -> ErrorCode:
    if request.generation_id != group.generation:
        return ErrorCode.ILLEGAL_GENERATION
    for given, own in (
        (request.protocol_type, group.protocol_type),
        (request.protocol_name, group.protocol),
    ):
        if given is not None and given != own:
            return ErrorCode.INCONSISTENT_GROUP_PROTOCOL
    if group.state is GroupState.PREPARING:
        return ErrorCode.REBALANCE_IN_PROGRESS
    if group.is_in(GroupState.EMPTY, GroupState.DEAD):
        return ErrorCode.UNKNOWN_MEMBER_ID
    return ErrorCode.NONE


def heartbeat(group: ClassicGroup, request: HeartbeatRequest, now_ms: int) -> HeartbeatResponse:
    """Keep a member alive, and tell it of a rebalance.

    Errors: UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS.
    """
    member, code = find_member(group, request.member_id, request.group_instance_id)
    if member is None:
        return HeartbeatResponse(error_code=code)
    if request.generation_id != group.generation:
        return HeartbeatResponse(error_code=ErrorCode.ILLEGAL_GENERATION)
    member.heard(now_ms)
    if group.state is GroupState.PREPARING:
        return HeartbeatResponse(error_code=ErrorCode.REBALANCE_IN_PROGRESS)
    return HeartbeatResponse(error_code=0)


def leave(
    group: ClassicGroup,
    members: list[MemberIdentity],
    now_ms: int,
    wall_ms: int,
    ticket: Ticket,
) -> Outcome:
    """Put members out, each answered for itself; a static one may be named by its instance only.

    Errors, per member: UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID.
    """
    out = Outcome()
    answers = []
    for identity in members:
        code = _leave_one(group, identity, now_ms, wall_ms, out)
        answers.append(
            MemberResponse(
                member_id=identity.member_id,
                group_instance_id=identity.group_instance_id,
                error_code=code,
            )
        )
    out.reply(ticket, LeaveGroupResponse(error_code=0, members=answers))
    return out


def _leave_one(
    group: ClassicGroup, identity: MemberIdentity, now_ms: int, wall_ms: int, out: Outcome
) -> ErrorCode:
    member_id, instance = identity.member_id, identity.group_instance_id
    if instance is not None and member_id == "":
        member_id = group.static.get(instance, "")
    if member_id in group.pending:
        del group.pending[member_id]
        group.try_complete_join(now_ms, wall_ms, out)
        return ErrorCode.NONE
    member, code = find_member(group, member_id, instance)
    if member is None:
        return code
    group.member_gone(member, now_ms, wall_ms, out, ErrorCode.UNKNOWN_MEMBER_ID)
    return ErrorCode.NONE
