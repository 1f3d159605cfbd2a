"""JoinGroup: who may become or stay a member, and what that sets in motion.

Spec: KIP-62, KIP-345 (static members), KIP-394 (ids before membership), KIP-814 (a static
leader that returns need not assign again).
"""

from collections.abc import Callable
from dataclasses import dataclass

from kafkacompat.coordinator.groups.classic import (
    ClassicGroup,
    GroupSettings,
    GroupState,
    first_deadline_ms,
    join_failure,
)
from kafkacompat.coordinator.groups.member import Member
from kafkacompat.coordinator.groups.records import group_record
from kafkacompat.coordinator.outcome import Outcome, Ticket, answer
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.join_group import JoinGroupRequest

FIRST_VERSION_WITH_REQUIRED_ID = 4
FIRST_VERSION_WITH_SKIP = 9
MAX_PENDING = 10_000
"""Ids of one group that are given out but not used yet."""
OPEN = (GroupState.EMPTY, GroupState.STABLE, GroupState.COMPLETING, GroupState.PREPARING)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request, as a group remembers it, and in which version of the request."""

    client_id: str
    client_host: str
    version: int
    now_ms: int
    wall_ms: int


def join(
    group: ClassicGroup,
    request: JoinGroupRequest,
    caller: Caller,
    ticket: Ticket,
    new_id: Callable[[str], str],
) -> Outcome:
    """Serve one JoinGroup; `new_id(prefix)` makes member ids.

    Errors: INVALID_SESSION_TIMEOUT, INCONSISTENT_GROUP_PROTOCOL, UNKNOWN_MEMBER_ID,
    FENCED_INSTANCE_ID, GROUP_MAX_SIZE_REACHED, MEMBER_ID_REQUIRED.
    """
    code = _refusal(group, request)
    if code:
        return answer(ticket, join_failure(code, request.member_id))
    if request.member_id == "":
        return _join_anew(group, request, caller, ticket, new_id)
    return _join_again(group, request, caller, ticket)


def check_session_timeout(settings: GroupSettings, request: JoinGroupRequest) -> None:
    """Check what a member asks for. Errors: INVALID_SESSION_TIMEOUT."""
    lowest, highest = settings.min_session_timeout_ms, settings.max_session_timeout_ms
    if not lowest <= request.session_timeout_ms <= highest:
        raise KafkaError(ErrorCode.INVALID_SESSION_TIMEOUT)


def _refusal(group: ClassicGroup, request: JoinGroupRequest) -> ErrorCode | None:
    settings = group.settings
    try:
        check_session_timeout(settings, request)
    except KafkaError as error:
        return error.code
    if group.state is GroupState.DEAD:
        return ErrorCode.COORDINATOR_NOT_AVAILABLE
    names = frozenset(protocol.name for protocol in request.protocols)
    if not _fits(group, request, names):
        return ErrorCode.INCONSISTENT_GROUP_PROTOCOL
    is_known = request.member_id in group.members or request.member_id in group.pending
    is_static = request.group_instance_id in group.static
    is_full = (
        len(group.members) + len(group.pending) >= settings.max_size
        or len(group.pending) >= MAX_PENDING
    )
    if is_full and not is_known and not is_static:
        return ErrorCode.GROUP_MAX_SIZE_REACHED
    return None


def _fits(group: ClassicGroup, request: JoinGroupRequest, names: frozenset[str]) -> bool:
    """Whether the protocols go with those of the *other* members."""
    own = group.members.get(request.member_id)
    if own is not None and len(group.members) == 1:
        return bool(names) and request.protocol_type == group.protocol_type
    return group.supports(request.protocol_type, names)


def _protocols(request: JoinGroupRequest) -> list[tuple[str, bytes]]:
    return [(protocol.name, protocol.metadata) for protocol in request.protocols]


def _rebalance_ms(request: JoinGroupRequest) -> int:
    """Version 0 has one timeout for both purposes."""
    given = request.rebalance_timeout_ms
    return request.session_timeout_ms if given < 0 else given


def _join_anew(
    group: ClassicGroup,
    request: JoinGroupRequest,
    caller: Caller,
    ticket: Ticket,
    new_id: Callable[[str], str],
) -> Outcome:
    """Let in somebody who has no member id."""
    instance = request.group_instance_id
    member_id = new_id(caller.client_id if instance is None else instance)
    if instance is not None:
        old_id = group.static.get(instance)
        if old_id is not None:
            return _replace_static(group, request, caller, ticket, (old_id, member_id))
        return _add(group, request, caller, ticket, member_id)
    if caller.version >= FIRST_VERSION_WITH_REQUIRED_ID:
        group.pending[member_id] = caller.now_ms + request.session_timeout_ms
        return answer(ticket, join_failure(ErrorCode.MEMBER_ID_REQUIRED, member_id))
    return _add(group, request, caller, ticket, member_id)


def _add(
    group: ClassicGroup,
    request: JoinGroupRequest,
    caller: Caller,
    ticket: Ticket,
    member_id: str,
) -> Outcome:
    member = Member(
        member_id=member_id,
        group_instance_id=request.group_instance_id,
        client_id=caller.client_id,
        client_host=caller.client_host,
        rebalance_timeout_ms=_rebalance_ms(request),
        session_timeout_ms=request.session_timeout_ms,
        protocols=_protocols(request),
        is_new=True,
        join_ticket=ticket,
    )
    member.deadline_ms = first_deadline_ms(member, caller.now_ms)
    if not group.members:
        group.protocol_type = request.protocol_type
    group.add(member)
    out = Outcome()
    if group.state is GroupState.PREPARING:
        group.note_growth()
    group.prepare_rebalance(caller.now_ms, out)
    group.try_complete_join(caller.now_ms, caller.wall_ms, out)
    return out


def _replace_static(
    group: ClassicGroup,
    request: JoinGroupRequest,
    caller: Caller,
    ticket: Ticket,
    ids: tuple[str, str],
) -> Outcome:
    """Let a static member that restarted go on; a stable group need not rebalance for it."""
    out = Outcome()
    old_id, member_id = ids
    was_leader = group.leader == old_id
    member = group.replace_static(group.members[old_id], member_id, out)
    before = member.subscription(group.protocol)
    member.update(_protocols(request), _rebalance_ms(request), request.session_timeout_ms)
    member.client_id, member.client_host = caller.client_id, caller.client_host
    member.heard(caller.now_ms)
    is_same = before == member.subscription(group.protocol)
    if group.state is GroupState.STABLE and is_same:
        out.records.append(group_record(group, caller.wall_ms))
        skips = was_leader and caller.version >= FIRST_VERSION_WITH_SKIP
        response = group.joined(member, skip_assignment=skips)
        if was_leader and not skips:
            # Before KIP-814 a leader that is told it leads would assign again; it learns the old
            # leader's name instead, and syncs as a follower.
            response.leader, response.members = old_id, []
        out.reply(ticket, response)
        return out
    member.join_ticket = ticket
    group.prepare_rebalance(caller.now_ms, out)
    group.try_complete_join(caller.now_ms, caller.wall_ms, out)
    return out


def _join_again(
    group: ClassicGroup, request: JoinGroupRequest, caller: Caller, ticket: Ticket
) -> Outcome:
    """Serve somebody who names a member id."""
    member_id, instance = request.member_id, request.group_instance_id
    if member_id in group.pending and instance is None:
        return _add(group, request, caller, ticket, member_id)
    if instance is not None:
        known_id = group.static.get(instance)
        if known_id is None:
            return answer(ticket, join_failure(ErrorCode.UNKNOWN_MEMBER_ID, member_id))
        if known_id != member_id:
            return answer(ticket, join_failure(ErrorCode.FENCED_INSTANCE_ID, member_id))
    member = group.members.get(member_id)
    if member is None or not group.is_in(*OPEN[1:]):
        return answer(ticket, join_failure(ErrorCode.UNKNOWN_MEMBER_ID, member_id))
    member.heard(caller.now_ms)
    if not _must_rebalance(group, member, request):
        return answer(ticket, group.joined(member))
    return _rejoin(group, member, request, caller, ticket)


def _must_rebalance(group: ClassicGroup, member: Member, request: JoinGroupRequest) -> bool:
    """A follower that says what it said before is told where the group stands, no more."""
    if group.state is GroupState.PREPARING:
        return True
    if member.protocols != _protocols(request):
        return True
    return group.state is GroupState.STABLE and member.member_id == group.leader


def _rejoin(
    group: ClassicGroup,
    member: Member,
    request: JoinGroupRequest,
    caller: Caller,
    ticket: Ticket,
) -> Outcome:
    out = Outcome()
    if member.join_ticket is not None:  # a retry; the first request's answer is not waited for
        code = ErrorCode.REBALANCE_IN_PROGRESS
        out.reply(member.join_ticket, join_failure(code, member.member_id))
    member.update(_protocols(request), _rebalance_ms(request), request.session_timeout_ms)
    if len(group.members) == 1:
        group.protocol_type = request.protocol_type
    member.join_ticket = ticket
    group.prepare_rebalance(caller.now_ms, out)
    group.try_complete_join(caller.now_ms, caller.wall_ms, out)
    return out
