"""A share group: members come, are assigned, and go; each learns of it with its next heartbeat.

Sans-I/O: every method takes the time and returns what to append and to answer. The state
changes when records are written (`replay`), by ours as by those of the log.

Spec: KIP-932 (the share group protocol).
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from kafkacompat.coordinator.groups import share_records as records
from kafkacompat.coordinator.groups.share_member import ShareMember, check_epoch, check_request
from kafkacompat.coordinator.groups.simple_assignor import assign
from kafkacompat.coordinator.groups.topics import (
    NOTHING,
    Assignment,
    Topic,
    Topics,
    by_topic,
    metadata_hash,
)
from kafkacompat.coordinator.outcome import Outcome, Ticket, answer
from kafkacompat_protocol.coordinator_records.group.share_group_current_member_assignment import (
    ShareGroupCurrentMemberAssignmentKey,
)
from kafkacompat_protocol.coordinator_records.group.share_group_member_metadata import (
    ShareGroupMemberMetadataKey,
)
from kafkacompat_protocol.coordinator_records.group.share_group_metadata import (
    ShareGroupMetadataKey,
)
from kafkacompat_protocol.coordinator_records.group.share_group_state_partition_metadata import (
    ShareGroupStatePartitionMetadataKey,
)
from kafkacompat_protocol.coordinator_records.group.share_group_target_assignment_member import (
    ShareGroupTargetAssignmentMemberKey,
)
from kafkacompat_protocol.coordinator_records.group.share_group_target_assignment_metadata import (
    ShareGroupTargetAssignmentMetadataKey,
)
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.share_group_heartbeat import (
    ShareGroupHeartbeatAssignment,
    ShareGroupHeartbeatRequest,
    ShareGroupHeartbeatResponse,
    ShareGroupHeartbeatTopicPartitions,
)

JOIN, LEAVE = 0, -1
ASSIGNOR = "simple"


@dataclass(frozen=True, slots=True)
class ShareGroupSettings:
    """What is configured for a share group."""

    session_timeout_ms: int = 45_000
    heartbeat_interval_ms: int = 5_000
    max_size: int = 200


class Sender(NamedTuple):
    """Who sends a heartbeat, and when."""

    client_id: str
    client_host: str
    now_ms: int
    wall_ms: int


class MemberLeft(NamedTuple):
    """Effect: a member is no more in its group, so what it has is to be taken back."""

    group_id: str
    member_id: str


@dataclass(slots=True)
class ShareGroup:
    """One group. Times are monotonic milliseconds, but for the timestamp in a record."""

    group_id: str
    settings: ShareGroupSettings = ShareGroupSettings()
    epoch: int = 0
    metadata_hash: int = 0
    assignment_epoch: int = 0
    members: dict[str, ShareMember] = field(default_factory=dict)
    targets: dict[str, Assignment] = field(default_factory=dict)
    begun: records.Begun = field(default_factory=dict)
    """What the group has state of. It is not taken away again when nobody subscribes any more."""
    deadlines: dict[str, int] = field(default_factory=dict)
    """Member id -> until when it is believed to live."""
    _has_begun: bool = False
    """Whether there is a record of `begun`: an empty one makes a group, too."""
    _described: dict[str, Topic] | None = None
    """The subscribed topics as last seen; None when the group was just loaded."""
    _subscribed: frozenset[str] | None = None
    """All that members subscribe to; None when that is to be found again."""

    # --- questions

    @property
    def is_blank(self) -> bool:
        """Whether nothing would be lost if the group had never been made."""
        return not (self.epoch or self.members or self.assignment_epoch or self._has_begun)

    @property
    def state(self) -> str:
        """The state, as ListGroups shows it."""
        return "Stable" if self.members else "Empty"

    def next_deadline_ms(self) -> int | None:
        """Return when `expire` has something to do at the earliest."""
        return min(self.deadlines.values(), default=None)

    # --- heartbeats

    def heartbeat(
        self, request: ShareGroupHeartbeatRequest, sender: Sender, topics: Topics, ticket: Ticket
    ) -> Outcome:
        """Let a member join, stay or leave.

        Errors: INVALID_REQUEST, GROUP_ID_NOT_FOUND, GROUP_MAX_SIZE_REACHED, UNKNOWN_MEMBER_ID,
        FENCED_MEMBER_EPOCH.
        """
        try:
            check_request(request)
            known = self._find(request)
            if request.member_epoch == LEAVE:
                return self._leave(request.member_id, ticket)
            return self._stay(request, known, sender, topics, ticket)
        except KafkaError as error:
            return answer(ticket, failure(error.code, error.message))

    def _find(self, request: ShareGroupHeartbeatRequest) -> ShareMember | None:
        """Return the member that sends this, None if it is new."""
        joins = request.member_epoch == JOIN
        if self.is_blank and not joins:
            message = f"Share group {self.group_id} not found."
            raise KafkaError(ErrorCode.GROUP_ID_NOT_FOUND, message)
        known = self.members.get(request.member_id)
        if known is not None:
            if request.member_epoch > JOIN:
                check_epoch(known, request.member_epoch)
            return known
        if len(self.members) >= self.settings.max_size and request.member_epoch != LEAVE:
            size = self.settings.max_size
            message = f"The share group has reached its maximum capacity of {size} members."
            raise KafkaError(ErrorCode.GROUP_MAX_SIZE_REACHED, message)
        if not joins:
            message = f"Member {request.member_id} is not a member of group {self.group_id}."
            raise KafkaError(ErrorCode.UNKNOWN_MEMBER_ID, message)
        return None

    def _stay(
        self,
        request: ShareGroupHeartbeatRequest,
        known: ShareMember | None,
        sender: Sender,
        topics: Topics,
        ticket: Ticket,
    ) -> Outcome:
        out = Outcome()
        old = known or ShareMember(request.member_id)
        member = old.updated(request, sender.client_id, sender.client_host)
        if known is None or member != known:
            out.records.append(member.record(self.group_id))
        resubscribes = known is None or member.topics != known.topics
        if resubscribes:
            others = [each for key, each in self.members.items() if key != member.member_id]
            subscribed = _all_topics([*others, member])
        else:
            subscribed = self.subscribed()
        epoch = self._next_epoch(subscribed, topics, resubscribes, out)
        target, target_epoch = self.targets.get(member.member_id, NOTHING), self.assignment_epoch
        if epoch > target_epoch:
            target = self._assign(member, epoch, sender.wall_ms, topics, out)
            target_epoch = epoch
        if target_epoch != member.epoch:
            member = replace(
                member, epoch=target_epoch, previous_epoch=member.epoch, assigned=target
            )
            out.records.append(member.current_record(self.group_id))
        self.deadlines[member.member_id] = sender.now_ms + self.settings.session_timeout_ms
        is_told = (
            request.member_epoch == JOIN
            or request.subscribed_topic_names is not None
            or request.member_epoch != member.epoch
        )
        out.reply(ticket, self._answer(member, is_told=is_told))
        return out

    def _next_epoch(
        self, subscribed: frozenset[str], topics: Topics, is_new: bool, out: Outcome
    ) -> int:
        """Return the group's epoch, raised if its subscriptions or their topics have changed."""
        described = _described(subscribed, topics)
        if not is_new and described == self._described:
            return self.epoch
        self._described = described
        found = metadata_hash(described)
        if not is_new and found == self.metadata_hash:
            return self.epoch
        out.records.append(records.epoch_record(self.group_id, self.epoch + 1, found))
        return self.epoch + 1

    def _assign(
        self, member: ShareMember, epoch: int, wall_ms: int, topics: Topics, out: Outcome
    ) -> Assignment:
        """Find new targets for all; return that of the member whose heartbeat this is."""
        described = self._described or {}
        targets = assign(
            {
                each.member_id: [described[t].topic_id for t in each.topics if t in described]
                for each in [*self.members.values(), member]
            },
            {topic.topic_id: topic.partitions for topic in described.values()},
            self.targets,
        )
        for member_id, target in targets.items():
            if target != self.targets.get(member_id):
                out.records.append(records.target_record(self.group_id, member_id, target))
        out.records.append(records.targets_record(self.group_id, epoch, wall_ms))
        begun = self._begun_with(described, topics)
        if begun != self.begun:
            out.records.append(records.begun_record(self.group_id, begun))
        return targets[member.member_id]

    def _begun_with(self, described: dict[str, Topic], topics: Topics) -> records.Begun:
        begun = {
            topic_id: (name, partitions)
            for topic_id, (name, partitions) in self.begun.items()
            if (topic := topics(name)) is not None and topic.topic_id == topic_id
        }
        for name, topic in described.items():
            begun[topic.topic_id] = name, frozenset(range(topic.partitions))
        return begun

    def _answer(self, member: ShareMember, *, is_told: bool) -> ShareGroupHeartbeatResponse:
        assignment = None
        if is_told:
            assignment = ShareGroupHeartbeatAssignment(
                topic_partitions=[
                    ShareGroupHeartbeatTopicPartitions(topic_id=topic_id, partitions=partitions)
                    for topic_id, partitions in by_topic(member.assigned)
                ]
            )
        return ShareGroupHeartbeatResponse(
            error_code=0,
            member_id=member.member_id,
            member_epoch=member.epoch,
            heartbeat_interval_ms=self.settings.heartbeat_interval_ms,
            assignment=assignment,
        )

    # --- members go

    def _leave(self, member_id: str, ticket: Ticket) -> Outcome:
        out = self._without([member_id])
        response = ShareGroupHeartbeatResponse(
            error_code=0, member_id=member_id, member_epoch=LEAVE
        )
        out.reply(ticket, response)
        return out

    def _without(self, gone: Collection[str]) -> Outcome:
        """Put members out; the others share what they had from the next heartbeat on."""
        out = Outcome()
        for member_id in gone:
            out.records += records.member_tombstones(self.group_id, member_id)
            out.effects.append(MemberLeft(self.group_id, member_id))
        found = self.metadata_hash
        if self._described is not None:
            left = _all_topics(each for key, each in self.members.items() if key not in gone)
            found = metadata_hash({k: v for k, v in self._described.items() if k in left})
        out.records.append(records.epoch_record(self.group_id, self.epoch + 1, found))
        return out

    def expire(self, now_ms: int, wall_ms: int) -> Outcome:
        """Put out the members that have been silent for too long."""
        overdue = [key for key, until_ms in self.deadlines.items() if until_ms <= now_ms]
        return self._without(overdue) if overdue else Outcome()

    def abandoned(self, code: ErrorCode) -> Outcome:
        """Nobody coordinates the group here any more; nobody waits for it either."""
        return Outcome()

    # --- administration

    def delete(self, ticket: Ticket) -> Outcome:
        """Delete the group, which has no members."""
        assert not self.members
        return Outcome(
            records=records.group_tombstones(self.group_id), replies=[(ticket, self.group_id)]
        )

    def begin_with(self, topic_id: bytes, name: str, partitions: Collection[int]) -> Outcome:
        """Note that the group has state of partitions, whether anybody subscribes or not."""
        known = self.begun.get(topic_id, (name, frozenset()))[1]
        if known.issuperset(partitions):
            return Outcome()
        begun = {**self.begun, topic_id: (name, known.union(partitions))}
        return Outcome(records=[records.begun_record(self.group_id, begun)])

    def forget_topic(self, topic_id: bytes) -> Outcome:
        """Note that the group has no state of a topic any more."""
        if topic_id not in self.begun:
            return Outcome()
        begun = {key: value for key, value in self.begun.items() if key != topic_id}
        return Outcome(records=[records.begun_record(self.group_id, begun)])

    # --- records

    def replay(self, key: Any, value: Any, now_ms: int) -> None:
        """Become what a record says; no value is a tombstone."""
        match key:
            case ShareGroupMetadataKey():
                self.epoch = 0 if value is None else value.epoch
                self.metadata_hash = 0 if value is None else value.metadata_hash
            case ShareGroupTargetAssignmentMetadataKey():
                self.assignment_epoch = 0 if value is None else value.assignment_epoch
            case ShareGroupStatePartitionMetadataKey():
                self.begun = {} if value is None else _begun_of(value)
                self._has_begun = value is not None
            case ShareGroupTargetAssignmentMemberKey():
                if value is None:
                    self.targets.pop(key.member_id, None)
                else:
                    self.targets[key.member_id] = _places(value.topic_partitions)
            case ShareGroupMemberMetadataKey() | ShareGroupCurrentMemberAssignmentKey():
                self._replay_member(key, value, now_ms)

    def _replay_member(self, key: Any, value: Any, now_ms: int) -> None:
        """Take in what is said of a member; compaction may have the two records in any order."""
        member = self.members.get(key.member_id)
        is_metadata = isinstance(key, ShareGroupMemberMetadataKey)
        if value is None:
            if is_metadata:
                self.members.pop(key.member_id, None)
                self.deadlines.pop(key.member_id, None)
                self._subscribed = None
            elif member is not None:
                self.members[key.member_id] = replace(
                    member, epoch=0, previous_epoch=0, assigned=NOTHING
                )
            return
        member = member or ShareMember(key.member_id)
        if is_metadata:
            member = member.described_by(value)
            self._subscribed = None
        else:
            member = replace(
                member,
                epoch=value.member_epoch,
                previous_epoch=value.previous_member_epoch,
                assigned=_places(value.assigned_partitions),
            )
        self.members[key.member_id] = member
        self.deadlines.setdefault(key.member_id, now_ms + self.settings.session_timeout_ms)

    def subscribed(self) -> frozenset[str]:
        """Return all topics that members subscribe to."""
        if self._subscribed is None:
            self._subscribed = _all_topics(self.members.values())
        return self._subscribed


def failure(code: int, message: str | None) -> ShareGroupHeartbeatResponse:
    """Return the answer to a heartbeat that failed."""
    return ShareGroupHeartbeatResponse(error_code=code, error_message=message)


def _described(names: Collection[str], topics: Topics) -> dict[str, Topic]:
    return {name: topic for name in names if (topic := topics(name)) is not None}


def _all_topics(members: Any) -> frozenset[str]:
    return frozenset().union(*(member.topics for member in members))


def _places(topics: Any) -> Assignment:
    return frozenset((topic.topic_id, index) for topic in topics for index in topic.partitions)


def _begun_of(value: Any) -> records.Begun:
    """Return what a record says; what Kafka had only begun to initialise, a fetch will."""
    return {
        topic.topic_id: (topic.topic_name, frozenset(topic.partitions))
        for topic in value.initialized_topics
    }
