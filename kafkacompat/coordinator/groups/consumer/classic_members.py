"""Members of a consumer group that still speak the classic protocol, served from its state.

They join, sync and beat as they always did; what they are to have is the coordinator's to say,
in the assignment that SyncGroup brings. A member that is to join again learns it by its
heartbeat, as in a rebalance of old.

Spec: KIP-848 (online migration).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from kafkacompat.coordinator.groups.classic import join_failure
from kafkacompat.coordinator.groups.consumer.conversion import embedded_assignment
from kafkacompat.coordinator.groups.consumer.group import ConsumerGroup, Sender
from kafkacompat.coordinator.groups.consumer.member import (
    ClassicProtocols,
    ConsumerMember,
    MemberState,
)
from kafkacompat.coordinator.groups.consumer.subscriptions import TopicsView
from kafkacompat.coordinator.groups.joining import FIRST_VERSION_WITH_REQUIRED_ID, Caller
from kafkacompat.coordinator.groups.topics import NOTHING, Assignment, Place
from kafkacompat.coordinator.outcome import Outcome, Ticket, answer
from kafkacompat_protocol.embedded.consumer_protocol_subscription import (
    ConsumerProtocolSubscription,
)
from kafkacompat_protocol.embedded.framing import read_embedded
from kafkacompat_protocol.errors import ErrorCode, KafkaError, WireError
from kafkacompat_protocol.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from kafkacompat_protocol.messages.join_group import JoinGroupRequest, JoinGroupResponse
from kafkacompat_protocol.messages.leave_group import (
    LeaveGroupResponse,
    MemberIdentity,
    MemberResponse,
)
from kafkacompat_protocol.messages.sync_group import SyncGroupRequest, SyncGroupResponse

CONSUMER = "consumer"


def subscription_of(metadata: bytes) -> ConsumerProtocolSubscription:
    """Return what a classic member subscribes to. Errors: INCONSISTENT_GROUP_PROTOCOL."""
    try:
        found: ConsumerProtocolSubscription = read_embedded(ConsumerProtocolSubscription, metadata)
    except WireError as error:
        raise KafkaError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, str(error)) from None
    return found


# --- JoinGroup


def join(
    group: ConsumerGroup,
    request: JoinGroupRequest,
    caller: Caller,
    topics: TopicsView,
    ticket: Ticket,
    new_id: Callable[[str], str],
) -> Outcome:
    """Let a classic member join, at once: nobody waits for the others.

    Errors: INCONSISTENT_GROUP_PROTOCOL, GROUP_MAX_SIZE_REACHED, MEMBER_ID_REQUIRED,
    FENCED_INSTANCE_ID.
    """
    try:
        chosen = _common_protocol(group, request)
        subscription = subscription_of(request.protocols[0].metadata)
        old, member_id, is_known = _find(group, request, caller, new_id)
    except KafkaError as error:
        return answer(ticket, join_failure(error.code, error.message or request.member_id))
    out = Outcome()
    before = old if old.member_id == member_id else replace(old, member_id=member_id, epoch=0)
    if is_known and before is not old:
        out.records += group.tombstones_of(old.member_id)
    member = replace(
        before,
        instance_id=request.group_instance_id,
        rack_id=subscription.rack_id,
        client_id=caller.client_id,
        client_host=caller.client_host,
        topics=tuple(sorted(set(subscription.topics))),
        pattern="",
        assignor=None,
        rebalance_timeout_ms=(
            request.session_timeout_ms
            if request.rebalance_timeout_ms < 0
            else request.rebalance_timeout_ms
        ),
        classic=ClassicProtocols(
            request.session_timeout_ms,
            tuple((each.name, each.metadata) for each in request.protocols),
        ),
    )
    sender = Sender(caller.client_id, caller.client_host, caller.now_ms, caller.wall_ms)
    owned = _owned(subscription, topics)
    current = group.move(member, before, old, sender, topics, owned, out, is_new=not is_known)
    response = JoinGroupResponse(
        error_code=0,
        generation_id=current.epoch,
        protocol_type=CONSUMER,
        protocol_name=chosen,
        leader="",
        member_id=member_id,
        members=[],
    )
    out.reply(ticket, response)
    return out


def _common_protocol(group: ConsumerGroup, request: JoinGroupRequest) -> str:
    """Return the first of a member's protocols that all classic members have."""
    if request.protocol_type != CONSUMER or not request.protocols:
        raise KafkaError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    others = [
        {name for name, _ in member.classic.protocols}
        for member_id, member in group.members.items()
        if member.classic is not None and member_id != request.member_id
    ]
    for protocol in request.protocols:
        if all(protocol.name in names for names in others):
            return protocol.name
    raise KafkaError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)


def _find(
    group: ConsumerGroup,
    request: JoinGroupRequest,
    caller: Caller,
    new_id: Callable[[str], str],
) -> tuple[ConsumerMember, str, bool]:
    """Return the member as it was, its id from now on, and whether it was known."""
    instance = request.group_instance_id
    holder_id = group.static.get(instance) if instance is not None else None
    if holder_id is not None and request.member_id not in ("", holder_id):
        raise KafkaError(ErrorCode.FENCED_INSTANCE_ID)
    if holder_id is not None:
        member_id = request.member_id or new_id(instance or "")
        return group.members[holder_id], member_id, True
    known = group.members.get(request.member_id)
    if known is not None:
        return known, request.member_id, True
    if len(group.members) >= group.settings.max_size:
        raise KafkaError(ErrorCode.GROUP_MAX_SIZE_REACHED)
    member_id = request.member_id or new_id(instance or caller.client_id)
    needs_id = caller.version >= FIRST_VERSION_WITH_REQUIRED_ID and instance is None
    if needs_id and not request.member_id:
        raise KafkaError(ErrorCode.MEMBER_ID_REQUIRED, member_id)
    return ConsumerMember(member_id), member_id, False


def _owned(subscription: ConsumerProtocolSubscription, topics: TopicsView) -> Assignment:
    """Return what a member says it has; an eager one has given everything back."""
    found: set[Place] = set()
    for part in subscription.owned_partitions:
        topic = topics.find(part.topic)
        if topic is not None:
            found.update((topic.topic_id, index) for index in part.partitions)
    return frozenset(found)


# --- SyncGroup, Heartbeat, LeaveGroup


def sync(group: ConsumerGroup, request: SyncGroupRequest, now_ms: int, ticket: Ticket) -> Outcome:
    """Give a classic member what it has.

    Errors: UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION,
    INCONSISTENT_GROUP_PROTOCOL, REBALANCE_IN_PROGRESS.
    """
    try:
        member = _member(group, request.member_id, request.group_instance_id, request.generation_id)
        names = [name for name, _ in member.classic.protocols] if member.classic else []
        if request.protocol_type not in (None, CONSUMER) or (
            request.protocol_name is not None and request.protocol_name not in names
        ):
            raise KafkaError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
        # Who is to give something back has joined already, and learns of it now.
        if member.epoch < group.epoch and member.state is not MemberState.UNREVOKED_PARTITIONS:
            group.wait_for_join(member, now_ms)
            raise KafkaError(ErrorCode.REBALANCE_IN_PROGRESS)
    except KafkaError as error:
        return answer(ticket, SyncGroupResponse(error_code=error.code, assignment=b""))
    group.keep_time(member, now_ms)
    response = SyncGroupResponse(
        error_code=0,
        protocol_type=CONSUMER,
        protocol_name=request.protocol_name or names[0],
        assignment=embedded_assignment(member.assigned, group.settings.name_of),
    )
    return answer(ticket, response)


def heartbeat(group: ConsumerGroup, request: HeartbeatRequest, now_ms: int) -> HeartbeatResponse:
    """Keep a classic member alive, and tell it when it is to join again.

    Errors: UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS.
    """
    try:
        member = _member(group, request.member_id, request.group_instance_id, request.generation_id)
    except KafkaError as error:
        return HeartbeatResponse(error_code=error.code)
    group.keep_time(member, now_ms)
    waits = member.state is MemberState.UNRELEASED_PARTITIONS
    if (
        member.epoch < group.epoch
        or member.state is MemberState.UNREVOKED_PARTITIONS
        or (waits and _is_free(group, member))
    ):
        group.wait_for_join(member, now_ms)
        return HeartbeatResponse(error_code=ErrorCode.REBALANCE_IN_PROGRESS)
    return HeartbeatResponse(error_code=0)


def _is_free(group: ConsumerGroup, member: ConsumerMember) -> bool:
    """Whether a member could have all that it waits for."""
    wanted = group.targets.get(member.member_id, NOTHING) - member.assigned
    return not any(place in group.owners for place in wanted)


def _member(
    group: ConsumerGroup, member_id: str, instance: str | None, generation: int
) -> ConsumerMember:
    if instance is not None:
        holder_id = group.static.get(instance)
        if holder_id is None:
            raise KafkaError(ErrorCode.UNKNOWN_MEMBER_ID)
        if holder_id != member_id:
            raise KafkaError(ErrorCode.FENCED_INSTANCE_ID)
    member = group.members.get(member_id)
    if member is None or member.classic is None:
        raise KafkaError(ErrorCode.UNKNOWN_MEMBER_ID)
    if generation != member.epoch:
        raise KafkaError(ErrorCode.ILLEGAL_GENERATION)
    return member


def leave(group: ConsumerGroup, identities: Sequence[MemberIdentity], ticket: Ticket) -> Outcome:
    """Put members out, be they named by their ids or their instances.

    Errors, per member: UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID.
    """
    gone: dict[str, None] = {}
    responses = []
    for identity in identities:
        instance, member_id = identity.group_instance_id, identity.member_id
        code = ErrorCode.NONE
        if instance is not None:
            holder_id = group.static.get(instance)
            if holder_id is not None and member_id not in ("", holder_id):
                code = ErrorCode.FENCED_INSTANCE_ID
            member_id = holder_id or ""
        if not code and (member_id not in group.members or member_id in gone):
            code = ErrorCode.UNKNOWN_MEMBER_ID
        if not code:
            gone[member_id] = None
        responses.append(
            MemberResponse(
                member_id=identity.member_id, group_instance_id=instance, error_code=code
            )
        )
    out = group.without(list(gone)) if gone else Outcome()
    out.reply(ticket, LeaveGroupResponse(error_code=0, members=responses))
    return out
