"""A classic group on a table: requests in, answers out, time as a number."""

from itertools import count
from typing import Any

from kafkacompat.coordinator.groups.classic import ClassicGroup, GroupSettings
from kafkacompat.coordinator.groups.joining import Caller, join
from kafkacompat.coordinator.groups.member_requests import heartbeat, leave, sync
from kafkacompat.coordinator.outcome import Outcome, Write
from kafkacompat_protocol.coordinator_records.group.group_metadata import GroupMetadataValue
from kafkacompat_protocol.messages.heartbeat import HeartbeatRequest
from kafkacompat_protocol.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from kafkacompat_protocol.messages.leave_group import MemberIdentity
from kafkacompat_protocol.messages.sync_group import SyncGroupRequest, SyncGroupRequestAssignment

SETTINGS = GroupSettings(
    initial_rebalance_delay_ms=0,
    min_session_timeout_ms=1_000,
    max_session_timeout_ms=100_000,
    max_size=10,
)
WALL_MS = 1_700_000_000_000


class Table:
    """One group, its clock, the answers given so far and the records written."""

    def __init__(self, settings: GroupSettings = SETTINGS, group_id: str = "g") -> None:
        self.group = ClassicGroup(group_id, settings)
        self.now_ms = 0
        self.asked: list[str] = []
        self.answers: dict[Any, Any] = {}
        self.records: list[Write] = []
        self.holds_records = False
        """Whether records stay undurable until `make_durable`."""
        self._held: list[Outcome] = []
        self._ids = count(1)
        self._tickets = count(1)

    # --- what the shell does

    def take(self, outcome: Outcome) -> None:
        """Write the records, then answer; a record of the group comes back when durable."""
        self.records += outcome.records
        if outcome.records and self.holds_records:
            self._held.append(outcome)
            return
        self._settle(outcome)

    def make_durable(self) -> None:
        """Let what was held become durable, in order."""
        held, self._held = self._held, []
        for outcome in held:
            self._settle(outcome)

    def _settle(self, outcome: Outcome) -> None:
        for write in outcome.records:
            if isinstance(write.value, GroupMetadataValue):
                self.take(self.group.assigned(write.value, self.now_ms))
        for ticket, response in outcome.replies:
            assert ticket not in self.answers, f"ticket {ticket} answered twice"
            self.answers[ticket] = response

    def pass_time(self, by_ms: int) -> None:
        """Advance, stopping at each deadline on the way."""
        until_ms = self.now_ms + by_ms
        for _ in range(1000):
            due_ms = self.group.next_deadline_ms()
            if due_ms is None or due_ms > until_ms:
                break
            self.now_ms = max(self.now_ms, due_ms)
            self.take(self.group.expire(self.now_ms, WALL_MS))
        self.now_ms = until_ms

    def _ticket(self, what: str) -> str:
        self.asked.append(f"{what}-{next(self._tickets)}")
        return self.asked[-1]

    # --- requests; each returns its ticket

    def join(
        self,
        member_id: str = "",
        *,
        instance: str | None = None,
        version: int = 3,
        protocols: dict[str, bytes] | None = None,
        protocol_type: str = "consumer",
        session_ms: int = 10_000,
        rebalance_ms: int = 30_000,
        client_id: str = "c",
    ) -> str:
        """Send a JoinGroup. Versions before 4 let a new member in without the detour of an id."""
        ticket = self._ticket("join")
        request = JoinGroupRequest(
            group_id=self.group.group_id,
            session_timeout_ms=session_ms,
            rebalance_timeout_ms=rebalance_ms,
            member_id=member_id,
            group_instance_id=instance,
            protocol_type=protocol_type,
            protocols=[
                JoinGroupRequestProtocol(name=name, metadata=metadata)
                for name, metadata in (protocols or {"range": b"r"}).items()
            ],
        )
        caller = Caller(client_id, "/127.0.0.1", version, self.now_ms, WALL_MS)
        new_id = lambda prefix: f"{prefix}-{next(self._ids)}"  # noqa: E731
        self.take(join(self.group, request, caller, ticket, new_id))
        return ticket

    def sync(
        self,
        member_id: str,
        assignments: dict[str, bytes] | None = None,
        *,
        generation: int | None = None,
        instance: str | None = None,
        protocol_type: str | None = None,
        protocol_name: str | None = None,
    ) -> str:
        """Send a SyncGroup, by default of the current generation."""
        ticket = self._ticket("sync")
        request = SyncGroupRequest(
            group_id=self.group.group_id,
            generation_id=self.group.generation if generation is None else generation,
            member_id=member_id,
            group_instance_id=instance,
            protocol_type=protocol_type,
            protocol_name=protocol_name,
            assignments=[
                SyncGroupRequestAssignment(member_id=key, assignment=value)
                for key, value in (assignments or {}).items()
            ],
        )
        self.take(sync(self.group, request, self.now_ms, WALL_MS, ticket))
        return ticket

    def heartbeat(
        self, member_id: str, *, generation: int | None = None, instance: str | None = None
    ) -> int:
        """Send a Heartbeat; return the error code."""
        request = HeartbeatRequest(
            group_id=self.group.group_id,
            generation_id=self.group.generation if generation is None else generation,
            member_id=member_id,
            group_instance_id=instance,
        )
        code: int = heartbeat(self.group, request, self.now_ms).error_code
        return code

    def leave(self, *members: MemberIdentity) -> list[int]:
        """Send a LeaveGroup; return each member's error code."""
        ticket = self._ticket("leave")
        self.take(leave(self.group, list(members), self.now_ms, WALL_MS, ticket))
        return [member.error_code for member in self.answers[ticket].members]

    # --- short cuts

    def stable(self, members: int) -> list[str]:
        """Bring the group to a stable generation of so many members; return their ids."""
        ids = [self._enter() for _ in range(members)]
        while True:
            waiting = {key: self.join(key) for key in ids}
            if all(ticket in self.answers for ticket in waiting.values()):
                break
        leader = self.group.leader
        assert leader is not None
        for key in ids:
            shares = {other: f"to {other}".encode() for other in ids}
            self.sync(key, shares if key == leader else None)
        assert self.group.state.value == "Stable"
        return ids

    def _enter(self) -> str:
        """Join as a new member; return the id, whether answered yet or not."""
        before = set(self.group.members)
        self.join()
        return next(iter(set(self.group.members) - before))
