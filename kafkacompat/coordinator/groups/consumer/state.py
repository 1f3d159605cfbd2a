"""What a consumer group is, as its records say: members, targets, and who holds what."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from kafkacompat.coordinator.groups.consumer import records
from kafkacompat.coordinator.groups.consumer.assignors import ASSIGNORS, DEFAULT_ASSIGNOR
from kafkacompat.coordinator.groups.consumer.member import ConsumerMember, MemberState
from kafkacompat.coordinator.groups.consumer.subscriptions import names_of
from kafkacompat.coordinator.groups.topics import NOTHING, Assignment, Place, Topic
from kafkacompat.coordinator.outcome import Write
from kafkacompat_protocol.errors import ErrorCode


@dataclass(frozen=True, slots=True)
class ConsumerGroupSettings:
    """What is configured for a consumer group."""

    session_timeout_ms: int = 45_000
    heartbeat_interval_ms: int = 5_000
    max_size: int = 0x7FFFFFFF
    may_upgrade: bool = True
    may_downgrade: bool = True
    """Whether the group changes its kind as its members do."""
    name_of: Callable[[bytes], str | None] = lambda topic_id: None
    """Returns a topic's name by its id."""


@dataclass(slots=True)
class ConsumerGroupState:
    """One group. Times are monotonic milliseconds, but for the timestamps in records."""

    group_id: str
    settings: ConsumerGroupSettings = ConsumerGroupSettings()
    epoch: int = 0
    metadata_hash: int = 0
    assignment_epoch: int = 0
    members: dict[str, ConsumerMember] = field(default_factory=dict)
    targets: dict[str, Assignment] = field(default_factory=dict)
    patterns: dict[str, frozenset[str]] = field(default_factory=dict)
    static: dict[str, str] = field(default_factory=dict)
    """instance_id -> member_id"""
    owners: dict[Place, str] = field(default_factory=dict)
    """Who holds a partition, or is still to give it back."""
    sessions: dict[str, int] = field(default_factory=dict)
    """member_id -> until when it is believed to live."""
    revocations: dict[str, int] = field(default_factory=dict)
    """member_id -> until when it must have given back what it is to."""
    described: dict[str, Topic] = field(default_factory=dict)
    """The subscribed topics, as of `seen`."""
    seen: int = -1
    """The version of the topics that were last looked at."""

    # --- questions

    @property
    def is_blank(self) -> bool:
        """Whether nothing would be lost if the group had never been made."""
        return not self.epoch and not self.members and not self.assignment_epoch

    @property
    def state(self) -> str:
        """The state, as tools show it."""
        if not self.members:
            return "Empty"
        if self.epoch > self.assignment_epoch:
            return "Assigning"
        settled = (MemberState.STABLE, self.assignment_epoch)
        if any((each.state, each.epoch) != settled for each in self.members.values()):
            return "Reconciling"
        return "Stable"

    @property
    def assignor(self) -> str:
        """The assignor that most members prefer."""
        return preferred_assignor(self.members.values())

    def next_deadline_ms(self) -> int | None:
        """Return when `expire` has something to do at the earliest."""
        times = [*self.sessions.values(), *self.revocations.values()]
        return min(times, default=None)

    def subscribed_topics(self) -> frozenset[str]:
        """Return the names of all topics that members subscribe to."""
        every = (names_of(member, self.patterns) for member in self.members.values())
        return frozenset().union(*every)

    def check_member(self, member_id: str, epoch: int) -> ErrorCode:
        """Whether this sender may commit or ask for offsets: a member of its own epoch, or
        anybody while the group has no members.

        Errors: UNKNOWN_MEMBER_ID, STALE_MEMBER_EPOCH; ILLEGAL_GENERATION (classic members).
        """
        if epoch < 0 and not self.members:
            return ErrorCode.NONE
        member = self.members.get(member_id)
        if member is None:
            return ErrorCode.UNKNOWN_MEMBER_ID
        if epoch == member.epoch:
            return ErrorCode.NONE
        if member.classic is not None:
            return ErrorCode.ILLEGAL_GENERATION
        return ErrorCode.STALE_MEMBER_EPOCH

    def keep_time(self, member: ConsumerMember, now_ms: int) -> None:
        """Begin a member's session anew, and its time for giving partitions back."""
        member_id = member.member_id
        session_ms = self.settings.session_timeout_ms
        if member.classic is not None:
            session_ms = member.classic.session_timeout_ms
        self.sessions[member_id] = now_ms + session_ms
        if member.state is not MemberState.UNREVOKED_PARTITIONS:
            if member.epoch >= self.epoch:
                self.revocations.pop(member_id, None)
        elif member_id not in self.revocations:
            self.revocations[member_id] = now_ms + max(0, member.rebalance_timeout_ms)

    def wait_for_join(self, member: ConsumerMember, now_ms: int) -> None:
        """A classic member was told to join again: it must, within its rebalance timeout."""
        if member.member_id not in self.revocations:
            self.revocations[member.member_id] = now_ms + max(0, member.rebalance_timeout_ms)

    def tombstones_of(self, member_id: str) -> list[Write]:
        """Return the records by which a member is gone."""
        return records.member_tombstones(self.group_id, member_id)

    # --- records

    def replay(self, key: Any, value: Any, now_ms: int) -> None:
        """Become what a record says; no value is a tombstone."""
        match key:
            case records.EpochKey():
                self.epoch = 0 if value is None else value.epoch
                self.metadata_hash = 0 if value is None else value.metadata_hash
            case records.TargetsKey():
                self.assignment_epoch = 0 if value is None else value.assignment_epoch
            case records.PatternKey():
                if value is None:
                    self.patterns.pop(key.regular_expression, None)
                else:
                    self.patterns[key.regular_expression] = frozenset(value.topics)
            case records.TargetKey():
                if value is None:
                    self.targets.pop(key.member_id, None)
                else:
                    self.targets[key.member_id] = records.places(value.topic_partitions)
            case records.MemberKey():
                self._replay_member(key.member_id, value, now_ms)
            case records.CurrentKey():
                self._replay_current(key.member_id, value, now_ms)

    def _replay_member(self, member_id: str, value: Any, now_ms: int) -> None:
        known = self.members.get(member_id)
        if value is None:
            if known is not None:
                self._hold(known, NOTHING)
                if self.static.get(known.instance_id or "") == member_id:
                    del self.static[known.instance_id or ""]
            self.members.pop(member_id, None)
            self.sessions.pop(member_id, None)
            self.revocations.pop(member_id, None)
            return
        member = records.described(known or ConsumerMember(member_id), value)
        self._take_in(member, now_ms)

    def _replay_current(self, member_id: str, value: Any, now_ms: int) -> None:
        """Compaction may have left this record before the member's own, or without it."""
        known = self.members.get(member_id)
        if value is None:
            if known is not None:
                self._hold(known, NOTHING)
                self.members[member_id] = replace(
                    known, epoch=0, previous_epoch=0, assigned=NOTHING, revoking=NOTHING
                )
            return
        member = records.placed(known or ConsumerMember(member_id), value)
        self._hold(known, member.holds, member_id)
        self._take_in(member, now_ms)

    def _take_in(self, member: ConsumerMember, now_ms: int) -> None:
        self.members[member.member_id] = member
        if member.instance_id is not None:
            self.static[member.instance_id] = member.member_id
        if member.member_id not in self.sessions:
            self.keep_time(member, now_ms)

    def _hold(self, known: ConsumerMember | None, holds: Assignment, member_id: str = "") -> None:
        """Note what a member holds from now on."""
        if known is not None:
            for place in known.holds - holds:
                if self.owners.get(place) == known.member_id:
                    del self.owners[place]
        for place in holds:
            self.owners[place] = member_id


def preferred_assignor(members: Iterable[ConsumerMember]) -> str:
    """Return the assignor that most members ask for, or what is used where nobody does."""
    votes: dict[str, int] = {}
    for member in members:
        if member.assignor in ASSIGNORS:
            votes[member.assignor] = votes.get(member.assignor, 0) + 1
    return max(votes, key=lambda name: votes[name]) if votes else DEFAULT_ASSIGNOR
