"""A classic consumer group: members join, one of them assigns, all sync.

Sans-I/O: every method takes the time and returns what to append and to answer. `joining.py`
and `member_requests.py` hold what each request checks; this module moves the group.

Spec: Kafka's group membership protocol, KIP-62, KIP-134 (initial delay), KIP-345 (static
members), KIP-394 (member ids).
"""

from dataclasses import dataclass
from enum import Enum

from kafkacompat.coordinator.groups.member import NEW_MEMBER_TIMEOUT_MS, Member
from kafkacompat.coordinator.groups.records import group_record
from kafkacompat.coordinator.outcome import Outcome
from kafkacompat_protocol.coordinator_records.group.group_metadata import GroupMetadataValue
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.join_group import JoinGroupResponse, JoinGroupResponseMember
from kafkacompat_protocol.messages.sync_group import SyncGroupResponse


class GroupState(Enum):
    """States, named as ListGroups shows them."""

    EMPTY = "Empty"
    PREPARING = "PreparingRebalance"
    COMPLETING = "CompletingRebalance"
    STABLE = "Stable"
    DEAD = "Dead"


LEGAL_MOVES: dict[GroupState, frozenset[GroupState]] = {
    GroupState.EMPTY: frozenset({GroupState.PREPARING, GroupState.DEAD}),
    GroupState.PREPARING: frozenset({GroupState.COMPLETING, GroupState.EMPTY, GroupState.DEAD}),
    GroupState.COMPLETING: frozenset({GroupState.STABLE, GroupState.PREPARING, GroupState.DEAD}),
    GroupState.STABLE: frozenset({GroupState.PREPARING, GroupState.DEAD}),
    GroupState.DEAD: frozenset(),
}


@dataclass(frozen=True, slots=True)
class GroupSettings:
    """Limits of the broker's configuration that groups keep to."""

    initial_rebalance_delay_ms: int
    min_session_timeout_ms: int
    max_session_timeout_ms: int
    max_size: int


class ClassicGroup:
    """One group. Times are monotonic milliseconds, but for the timestamps in records."""

    def __init__(self, group_id: str, settings: GroupSettings) -> None:
        self.group_id = group_id
        self.settings = settings
        self.state = GroupState.EMPTY
        self.generation = 0
        self.protocol_type: str | None = None
        self.protocol: str | None = None
        self.leader: str | None = None
        self.members: dict[str, Member] = {}
        self.static: dict[str, str] = {}
        """group_instance_id -> member_id"""
        self.pending: dict[str, int] = {}
        """Ids given out to members that have not come back with them yet -> until when."""
        self.rebalance_deadline_ms: int | None = None
        self.sync_deadline_ms: int | None = None
        self.empty_since_ms: int | None = None
        """When the last member went, in wall-clock milliseconds, as far as that is known."""
        self._initial_until_ms: int | None = None
        self._grew = False

    # --- questions

    def is_in(self, *states: GroupState) -> bool:
        """Whether the group is in one of these states."""
        return self.state in states

    @property
    def is_blank(self) -> bool:
        """Whether nothing would be lost if the group had never been made."""
        is_new = self.state is GroupState.EMPTY and self.generation == 0
        return is_new and not self.members and not self.pending

    def supports(self, protocol_type: str, names: frozenset[str]) -> bool:
        """Whether a member with these protocols fits in with the others."""
        if not names or not protocol_type:
            return False
        if not self.members:
            return True
        return protocol_type == self.protocol_type and bool(names & self._common_protocols())

    def _common_protocols(self) -> frozenset[str]:
        return frozenset.intersection(*(m.protocol_names for m in self.members.values()))

    def next_deadline_ms(self) -> int | None:
        """Return when `expire` has something to do at the earliest."""
        times = [m.deadline_ms for m in self.members.values() if not m.is_waiting]
        times += self.pending.values()
        if self.rebalance_deadline_ms is not None:
            times.append(self.rebalance_deadline_ms)
        if self.sync_deadline_ms is not None:
            times.append(self.sync_deadline_ms)
        return min(times, default=None)

    # --- members

    def add(self, member: Member) -> None:
        """Take a member in; the first one leads until it is replaced."""
        self.members[member.member_id] = member
        if member.group_instance_id is not None:
            self.static[member.group_instance_id] = member.member_id
        if self.leader is None:
            self.leader = member.member_id
        self.pending.pop(member.member_id, None)

    def remove(self, member: Member, out: Outcome, code: ErrorCode) -> None:
        """Put a member out; requests of it that wait are answered with `code`."""
        self.members.pop(member.member_id, None)
        if self.static.get(member.group_instance_id or "") == member.member_id:
            del self.static[member.group_instance_id or ""]
        self._refuse_waiting(member, out, code)
        if self.leader == member.member_id:
            self.leader = next(iter(self.members), None)

    def _refuse_waiting(self, member: Member, out: Outcome, code: ErrorCode) -> None:
        if member.join_ticket is not None:
            out.reply(member.join_ticket, join_failure(code, member.member_id))
        if member.sync_ticket is not None:
            out.reply(member.sync_ticket, SyncGroupResponse(error_code=code, assignment=b""))
        member.join_ticket = member.sync_ticket = None

    def replace_static(self, old: Member, new_id: str, out: Outcome) -> Member:
        """Let a static member that restarted go on under a new id (KIP-345)."""
        self._refuse_waiting(old, out, ErrorCode.FENCED_INSTANCE_ID)
        self.members = {
            (new_id if key == old.member_id else key): member
            for key, member in self.members.items()
        }
        if self.leader == old.member_id:
            self.leader = new_id
        old.member_id = new_id
        self.static[old.group_instance_id or ""] = new_id
        return old

    # --- the rebalance: prepare, all join, one assigns, all sync

    def move(self, state: GroupState) -> None:
        """Change the state, along the table of legal moves."""
        assert state in LEGAL_MOVES[self.state], f"{self.state} -> {state}"
        self.state = state

    def prepare_rebalance(self, now_ms: int, out: Outcome) -> None:
        """Ask all to join again. A group that was empty waits a little for others to come."""
        if self.state is GroupState.PREPARING:
            return
        was_empty = self.state is GroupState.EMPTY
        for member in self.members.values():
            if member.sync_ticket is not None:
                code = ErrorCode.REBALANCE_IN_PROGRESS
                out.reply(member.sync_ticket, SyncGroupResponse(error_code=code, assignment=b""))
                member.sync_ticket = None
                member.heard(now_ms)
        self.sync_deadline_ms = None
        self.move(GroupState.PREPARING)
        patience_ms = self._patience_ms()
        delay_ms = self.settings.initial_rebalance_delay_ms
        if was_empty and delay_ms > 0:
            self._initial_until_ms = now_ms + patience_ms
            self.rebalance_deadline_ms = now_ms + min(delay_ms, patience_ms)
        else:
            self._initial_until_ms = None
            self.rebalance_deadline_ms = now_ms + patience_ms
        self._grew = False

    def _patience_ms(self) -> int:
        return max((m.rebalance_timeout_ms for m in self.members.values()), default=0)

    def note_growth(self) -> None:
        """Remember that a member came while the initial delay runs, so that it is extended."""
        self._grew = True

    def try_complete_join(self, now_ms: int, wall_ms: int, out: Outcome) -> None:
        """End the joining if everybody is there and no initial delay runs."""
        if self.state is not GroupState.PREPARING or self._initial_until_ms is not None:
            return
        if self.pending or any(m.join_ticket is None for m in self.members.values()):
            return
        self._complete_join(now_ms, wall_ms, out)

    def _joining_is_over(self, now_ms: int, wall_ms: int, out: Outcome) -> None:
        """The time for joining is up: extend the initial delay, or go on with those who came."""
        until_ms = self._initial_until_ms
        if until_ms is not None and self._grew and now_ms < until_ms:
            self._grew = False
            delay_ms = self.settings.initial_rebalance_delay_ms
            self.rebalance_deadline_ms = min(now_ms + delay_ms, until_ms)
            return
        for member in list(self.members.values()):
            if member.join_ticket is None and member.group_instance_id is None:
                self.remove(member, out, ErrorCode.UNKNOWN_MEMBER_ID)
        self._complete_join(now_ms, wall_ms, out)

    def _complete_join(self, now_ms: int, wall_ms: int, out: Outcome) -> None:
        self._initial_until_ms = self.rebalance_deadline_ms = None
        joined = [m for m in self.members.values() if m.join_ticket is not None]
        if self.members and not joined:
            # Only static members, none of which came yet: wait for them another time.
            self.rebalance_deadline_ms = now_ms + self._patience_ms()
            return
        self.generation = self.generation + 1 if self.generation < 0x7FFFFFFF else 1
        if not self.members:
            self.protocol = self.leader = None
            self.move(GroupState.EMPTY)
            self.empty_since_ms = wall_ms
            out.records.append(group_record(self, wall_ms))
            return
        if self.leader is None or self.members[self.leader].join_ticket is None:
            self.leader = joined[0].member_id
        self.protocol = self._vote()
        self.move(GroupState.COMPLETING)
        self.sync_deadline_ms = now_ms + self._patience_ms()
        for member in self.members.values():
            if member.join_ticket is None:
                continue
            out.reply(member.join_ticket, self.joined(member))
            member.join_ticket = None
            member.is_new = False
            member.heard(now_ms)

    def _vote(self) -> str:
        """Return the protocol that most members prefer among those that all have."""
        common = self._common_protocols()
        votes: dict[str, int] = {}
        for member in self.members.values():
            choice = next((name for name, _ in member.protocols if name in common), None)
            if choice is not None:
                votes[choice] = votes.get(choice, 0) + 1
        return max(votes, key=lambda name: votes[name])

    def joined(self, member: Member, *, skip_assignment: bool = False) -> JoinGroupResponse:
        """Return the answer to a member's JoinGroup; the leader learns who is there."""
        leads = member.member_id == self.leader
        return JoinGroupResponse(
            error_code=0,
            generation_id=self.generation,
            protocol_type=self.protocol_type,
            protocol_name=self.protocol,
            leader=self.leader or "",
            skip_assignment=skip_assignment,
            member_id=member.member_id,
            members=[
                JoinGroupResponseMember(
                    member_id=other.member_id,
                    group_instance_id=other.group_instance_id,
                    metadata=other.subscription(self.protocol),
                )
                for other in self.members.values()
            ]
            if leads
            else [],
        )

    def synced(self, member: Member) -> SyncGroupResponse:
        """Return the answer to a member's SyncGroup."""
        return SyncGroupResponse(
            error_code=0,
            protocol_type=self.protocol_type,
            protocol_name=self.protocol,
            assignment=member.assignment,
        )

    def assigned(self, value: GroupMetadataValue, now_ms: int) -> Outcome:
        """The leader's assignment is durable: hand it out, unless the group has moved on."""
        out = Outcome()
        if self.state is not GroupState.COMPLETING or value.generation != self.generation:
            return out
        for recorded in value.members:
            member = self.members.get(recorded.member_id)
            if member is not None:
                member.assignment = recorded.assignment
        self.move(GroupState.STABLE)
        self.sync_deadline_ms = None
        for member in self.members.values():
            self.answer_sync(member, now_ms, out)
        return out

    def unassigned(self, value: GroupMetadataValue, now_ms: int) -> Outcome:
        """The leader's assignment could not be kept: let all join again."""
        out = Outcome()
        if self.state is not GroupState.COMPLETING or value.generation != self.generation:
            return out
        for member in self.members.values():
            self._refuse_waiting(member, out, ErrorCode.COORDINATOR_NOT_AVAILABLE)
            member.heard(now_ms)
        self.prepare_rebalance(now_ms, out)
        return out

    def abandoned(self, code: ErrorCode) -> Outcome:
        """Nobody coordinates the group here any more: answer all who wait."""
        out = Outcome()
        for member in self.members.values():
            self._refuse_waiting(member, out, code)
        return out

    def answer_sync(self, member: Member, now_ms: int, out: Outcome) -> None:
        """Give a waiting member its assignment, and begin its session anew."""
        if member.sync_ticket is not None:
            out.reply(member.sync_ticket, self.synced(member))
            member.sync_ticket = None
            member.heard(now_ms)

    # --- time, and the records' side

    def expire(self, now_ms: int, wall_ms: int) -> Outcome:
        """Do what is due: end sessions, joining, and the wait for the leader's assignment."""
        out = Outcome()
        for member_id in [key for key, until_ms in self.pending.items() if until_ms <= now_ms]:
            del self.pending[member_id]
        overdue = [m for m in self.members.values() if not m.is_waiting and m.deadline_ms <= now_ms]
        if self.sync_deadline_ms is not None and self.sync_deadline_ms <= now_ms:
            overdue += [m for m in self.members.values() if m.sync_ticket is None]
            self.sync_deadline_ms = None
        for member in overdue:
            if member.member_id in self.members:
                self.member_gone(member, now_ms, wall_ms, out, ErrorCode.UNKNOWN_MEMBER_ID)
        if self.rebalance_deadline_ms is not None and self.rebalance_deadline_ms <= now_ms:
            self._joining_is_over(now_ms, wall_ms, out)
        self.try_complete_join(now_ms, wall_ms, out)
        return out

    def member_gone(
        self, member: Member, now_ms: int, wall_ms: int, out: Outcome, code: ErrorCode
    ) -> None:
        """A member left or was silent for too long: the others share what it had."""
        self.remove(member, out, code)
        if self.is_in(GroupState.STABLE, GroupState.COMPLETING):
            self.prepare_rebalance(now_ms, out)
        self.try_complete_join(now_ms, wall_ms, out)

    def restore(self, value: GroupMetadataValue, now_ms: int) -> None:
        """Become what a record says; members get a new session timeout."""
        self.protocol_type = value.protocol_type or None
        self.generation = value.generation
        self.protocol, self.leader = value.protocol, value.leader
        self.members, self.static = {}, {}
        for recorded in value.members:
            member = Member(
                member_id=recorded.member_id,
                group_instance_id=recorded.group_instance_id,
                client_id=recorded.client_id,
                client_host=recorded.client_host,
                rebalance_timeout_ms=(
                    recorded.session_timeout
                    if recorded.rebalance_timeout < 0
                    else recorded.rebalance_timeout
                ),
                session_timeout_ms=recorded.session_timeout,
                protocols=[(value.protocol or "", recorded.subscription)],
                assignment=recorded.assignment,
            )
            member.heard(now_ms)
            self.members[member.member_id] = member
            if member.group_instance_id is not None:
                self.static[member.group_instance_id] = member.member_id
        self.state = GroupState.STABLE if self.members else GroupState.EMPTY
        changed_ms = value.current_state_timestamp
        self.empty_since_ms = None if self.members or changed_ms < 0 else changed_ms


def join_failure(code: ErrorCode, member_id: str = "") -> JoinGroupResponse:
    """Return the answer to a JoinGroup that failed."""
    return JoinGroupResponse(
        error_code=code, protocol_name=None, leader="", member_id=member_id, members=[]
    )


def first_deadline_ms(member: Member, now_ms: int) -> int:
    """Return until when a member that waits to be let in for the first time is believed in."""
    return now_ms + max(member.session_timeout_ms, NEW_MEMBER_TIMEOUT_MS)
