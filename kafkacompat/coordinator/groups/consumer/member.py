"""A member of a consumer group: what it said of itself, and what it was told that it has."""

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

from kafkacompat.coordinator.groups.topics import NOTHING, Assignment
from kafkacompat_protocol.messages.consumer_group_heartbeat import ConsumerGroupHeartbeatRequest

JOIN, LEAVE, LEAVE_STATIC = 0, -1, -2


class MemberState(IntEnum):
    """Where a member is on its way to its target; numbered as in its record."""

    STABLE = 0
    UNREVOKED_PARTITIONS = 1
    """It still has to say that it has given partitions back."""
    UNRELEASED_PARTITIONS = 2
    """It waits for partitions that other members have to give back."""


@dataclass(frozen=True, slots=True)
class ClassicProtocols:
    """What a member that speaks the classic protocol joined with."""

    session_timeout_ms: int
    protocols: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class ConsumerMember:
    """One member. Replaced, never changed."""

    member_id: str
    instance_id: str | None = None
    rack_id: str | None = None
    client_id: str = ""
    client_host: str = ""
    topics: tuple[str, ...] = ()
    """The names it subscribes to, in order."""
    pattern: str = ""
    rebalance_timeout_ms: int = -1
    assignor: str | None = None
    classic: ClassicProtocols | None = None
    """None for a member that speaks the consumer protocol."""
    epoch: int = 0
    previous_epoch: int = 0
    state: MemberState = MemberState.STABLE
    assigned: Assignment = NOTHING
    revoking: Assignment = NOTHING
    """What it is to give back."""

    @property
    def holds(self) -> Assignment:
        """Everything that nobody else may have."""
        return self.assigned | self.revoking

    def says_the_same(self, other: "ConsumerMember") -> bool:
        """Whether another says the same of itself, whatever it has."""
        return self is other or _itself(self) == _itself(other)

    def has_the_same(self, other: "ConsumerMember") -> bool:
        """Whether another is at the same point with the same partitions."""
        return self is other or _its_place(self) == _its_place(other)

    def subscribes_as(self, other: "ConsumerMember") -> bool:
        """Whether another subscribes to the same."""
        return self.topics == other.topics and self.pattern == other.pattern

    def updated(
        self, request: ConsumerGroupHeartbeatRequest, client_id: str, client_host: str
    ) -> "ConsumerMember":
        """Return the member with what a heartbeat says of it; None is what it was before."""
        changes: dict[str, Any] = {"client_id": client_id, "client_host": client_host}
        if request.instance_id is not None:
            changes["instance_id"] = request.instance_id
        if request.rack_id is not None:
            changes["rack_id"] = request.rack_id
        if request.rebalance_timeout_ms != -1:
            changes["rebalance_timeout_ms"] = request.rebalance_timeout_ms
        if request.subscribed_topic_names is not None:
            changes["topics"] = tuple(sorted(set(request.subscribed_topic_names)))
        if request.subscribed_topic_regex is not None:
            changes["pattern"] = request.subscribed_topic_regex
        if request.server_assignor is not None:
            changes["assignor"] = request.server_assignor
        if self.classic is None and all(getattr(self, name) == changes[name] for name in changes):
            return self
        return replace(self, classic=None, **changes)


def _itself(member: ConsumerMember) -> tuple[object, ...]:
    return (
        member.instance_id,
        member.rack_id,
        member.client_id,
        member.client_host,
        member.topics,
        member.pattern,
        member.rebalance_timeout_ms,
        member.assignor,
        member.classic,
    )


def _its_place(member: ConsumerMember) -> tuple[object, ...]:
    return (member.epoch, member.previous_epoch, member.state, member.assigned, member.revoking)
