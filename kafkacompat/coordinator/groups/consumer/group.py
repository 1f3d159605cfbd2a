"""A consumer group: members say what they want, the coordinator says what they have.

Sans-I/O: every method takes the time and returns what to append and to answer. The state
changes when records are written (`replay`), by ours as by those of the log.

Spec: KIP-848.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from kafkacompat.coordinator.groups.consumer import records
from kafkacompat.coordinator.groups.consumer.assignors import (
    ASSIGNORS,
    Subscriber,
)
from kafkacompat.coordinator.groups.consumer.conversion import (
    Downgraded,
    downgraded,
    embedded_assignment,
)
from kafkacompat.coordinator.groups.consumer.member import (
    JOIN,
    LEAVE,
    LEAVE_STATIC,
    ConsumerMember,
    MemberState,
)
from kafkacompat.coordinator.groups.consumer.reconciliation import reconcile
from kafkacompat.coordinator.groups.consumer.requests import check_epoch, check_request, failure
from kafkacompat.coordinator.groups.consumer.state import ConsumerGroupState, preferred_assignor
from kafkacompat.coordinator.groups.consumer.subscriptions import (
    TopicsView,
    describe,
    names_of,
    resolve,
)
from kafkacompat.coordinator.groups.topics import (
    NOTHING,
    Assignment,
    by_topic,
    metadata_hash,
)
from kafkacompat.coordinator.outcome import Outcome, Ticket, answer
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages import consumer_group_heartbeat as messages
from kafkacompat_protocol.messages.consumer_group_heartbeat import ConsumerGroupHeartbeatRequest


class Sender(NamedTuple):
    """Who sends a heartbeat, and when. `new_id` is for a member that has none yet (v0)."""

    client_id: str
    client_host: str
    now_ms: int
    wall_ms: int
    new_id: str = ""


class ConsumerGroup(ConsumerGroupState):
    """What requests do to a group."""

    __slots__ = ()

    # --- heartbeats

    def heartbeat(
        self,
        request: ConsumerGroupHeartbeatRequest,
        sender: Sender,
        topics: TopicsView,
        ticket: Ticket,
    ) -> Outcome:
        """Let a member join, stay or leave.

        Errors: INVALID_REQUEST, UNSUPPORTED_ASSIGNOR, GROUP_ID_NOT_FOUND,
        GROUP_MAX_SIZE_REACHED, UNKNOWN_MEMBER_ID, FENCED_MEMBER_EPOCH, FENCED_INSTANCE_ID,
        UNRELEASED_INSTANCE_ID, INVALID_REGULAR_EXPRESSION.
        """
        try:
            check_request(request, needs_member_id=not sender.new_id)
            if self.is_blank and request.member_epoch != JOIN:
                message = f"Consumer group {self.group_id} not found."
                raise KafkaError(ErrorCode.GROUP_ID_NOT_FOUND, message)
            if request.member_epoch in (LEAVE, LEAVE_STATIC):
                return self._leave(request, ticket)
            return self._stay(request, sender, topics, ticket)
        except KafkaError as error:
            return answer(ticket, failure(error.code, error.message))

    def _stay(
        self,
        request: ConsumerGroupHeartbeatRequest,
        sender: Sender,
        topics: TopicsView,
        ticket: Ticket,
    ) -> Outcome:
        owned = (
            None if request.topic_partitions is None else records.places(request.topic_partitions)
        )
        member_id = request.member_id or sender.new_id
        old, is_known = self._find(request, member_id, owned)
        if is_known and request.member_epoch not in (JOIN, old.epoch):
            # It does not know what it was given last, or was sent before that: it cannot say
            # that it has given that back. Apache Kafka trusts it.
            owned = None
        out = Outcome()
        before = old
        if is_known and old.member_id != member_id:
            out.records += self.tombstones_of(old.member_id)
            before = _successor(old, member_id)
        member = before.updated(request, sender.client_id, sender.client_host)
        current = self.move(member, before, old, sender, topics, owned, out, is_new=not is_known)
        is_full = (
            request.rebalance_timeout_ms != -1
            and not (
                request.subscribed_topic_names is None and request.subscribed_topic_regex is None
            )
            and request.topic_partitions is not None
        )
        is_told = is_full or request.member_epoch == JOIN or current.assigned != old.assigned
        out.reply(ticket, self._answer(current, is_told=is_told))
        return out

    def _find(
        self, request: ConsumerGroupHeartbeatRequest, member_id: str, owned: Assignment | None
    ) -> tuple[ConsumerMember, bool]:
        """Return the member that sends this, and whether it is known.

        A static member that has left for a while may come back under another id.
        """
        known = self.members.get(member_id)
        joins = request.member_epoch == JOIN
        if request.instance_id is not None:
            holder_id = self.static.get(request.instance_id)
            if holder_id is not None and holder_id != member_id:
                holder = self.members[holder_id]
                if joins and holder.epoch == LEAVE_STATIC:
                    return holder, True
                raise _instance_in_use(request.instance_id, joins=joins)
            if holder_id is None and not joins:
                message = f"Instance id {request.instance_id} is unknown."
                raise KafkaError(ErrorCode.UNKNOWN_MEMBER_ID, message)
        if known is not None:
            check_epoch(known, request.member_epoch, owned)
            return known, True
        if not joins:
            message = f"Member {member_id} is not a member of group {self.group_id}."
            raise KafkaError(ErrorCode.UNKNOWN_MEMBER_ID, message)
        if len(self.members) >= self.settings.max_size:
            size = self.settings.max_size
            message = f"The consumer group has reached its maximum capacity of {size} members."
            raise KafkaError(ErrorCode.GROUP_MAX_SIZE_REACHED, message)
        return ConsumerMember(member_id), False

    def move(
        self,
        member: ConsumerMember,
        before: ConsumerMember,
        old: ConsumerMember,
        sender: Sender,
        topics: TopicsView,
        owned: Assignment | None,
        out: Outcome,
        *,
        is_new: bool,
    ) -> ConsumerMember:
        """Take in what a member says, find new targets if need be, and move it towards its own.

        `before` is the member as it was, `old` as it was under a former id. Return it as it is
        to be now.
        """
        if is_new or old is not before or not member.says_the_same(before):
            out.records.append(records.member_record(self.group_id, member))
        resubscribes = is_new or not member.subscribes_as(before)
        everybody = {**self.members, member.member_id: member}
        if old.member_id != member.member_id:
            everybody.pop(old.member_id, None)
        epoch = self._next_epoch(everybody, topics, resubscribes, sender.wall_ms, out)
        target = self.targets.get(old.member_id, NOTHING)
        target_epoch = self.assignment_epoch
        if epoch > target_epoch:
            targets = dict(self.targets)
            if old.member_id != member.member_id:
                targets[member.member_id] = targets.pop(old.member_id, NOTHING)
            target = self._assign(everybody, targets, epoch, sender.wall_ms, out)[member.member_id]
            target_epoch = epoch
        elif old.member_id != member.member_id:
            out.records.append(records.target_record(self.group_id, member.member_id, target))
        taken_by = (None, old.member_id, member.member_id)
        current = reconcile(
            member,
            target,
            target_epoch,
            lambda place: self.owners.get(place) not in taken_by,
            owned,
        )
        if is_new or old is not before or not current.has_the_same(member):
            out.records.append(records.current_record(self.group_id, current))
        self.keep_time(current, sender.now_ms)
        return current

    def _next_epoch(
        self,
        everybody: dict[str, ConsumerMember],
        topics: TopicsView,
        resubscribes: bool,
        wall_ms: int,
        out: Outcome,
    ) -> int:
        """Return the group's epoch, raised if its subscriptions or their topics have changed."""
        if not resubscribes and topics.version == self.seen:
            return self.epoch
        in_use = {member.pattern for member in everybody.values() if member.pattern}
        patterns = resolve(in_use, topics)
        for text, names in patterns.items():
            if names != self.patterns.get(text):
                out.records.append(records.pattern_record(self.group_id, text, names, wall_ms))
        for text in self.patterns.keys() - in_use:
            out.records.append(records.pattern_tombstone(self.group_id, text))
        every = (names_of(member, patterns) for member in everybody.values())
        self.described = describe(frozenset().union(*every), topics)
        self.seen = topics.version
        self.patterns = patterns
        found = metadata_hash(self.described)
        if not resubscribes and found == self.metadata_hash:
            return self.epoch
        out.records.append(records.epoch_record(self.group_id, self.epoch + 1, found))
        return self.epoch + 1

    def _assign(
        self,
        everybody: dict[str, ConsumerMember],
        before: dict[str, Assignment],
        epoch: int,
        wall_ms: int,
        out: Outcome,
    ) -> dict[str, Assignment]:
        """Find targets for all members."""
        ids = {name: topic.topic_id for name, topic in self.described.items()}
        subscribers = {
            member_id: Subscriber(
                frozenset(ids[name] for name in names_of(member, self.patterns) if name in ids),
                member.rack_id,
                member.instance_id or member_id,
            )
            for member_id, member in everybody.items()
        }
        sizes = {topic.topic_id: topic.partitions for topic in self.described.values()}
        assignor = ASSIGNORS[preferred_assignor(everybody.values())]
        targets = assignor(subscribers, sizes, before, {})
        for member_id, target in targets.items():
            if target != self.targets.get(member_id):
                out.records.append(records.target_record(self.group_id, member_id, target))
        out.records.append(records.targets_record(self.group_id, epoch, wall_ms))
        return targets

    def _answer(
        self, member: ConsumerMember, *, is_told: bool
    ) -> messages.ConsumerGroupHeartbeatResponse:
        assignment = None
        if is_told:
            assignment = messages.ConsumerGroupHeartbeatResponseAssignment(
                topic_partitions=[
                    messages.ConsumerGroupHeartbeatResponseTopicPartitions(
                        topic_id=topic_id, partitions=partitions
                    )
                    for topic_id, partitions in by_topic(member.assigned)
                ]
            )
        return messages.ConsumerGroupHeartbeatResponse(
            error_code=0,
            member_id=member.member_id,
            member_epoch=member.epoch,
            heartbeat_interval_ms=self.settings.heartbeat_interval_ms,
            assignment=assignment,
        )

    # --- members go

    def _leave(self, request: ConsumerGroupHeartbeatRequest, ticket: Ticket) -> Outcome:
        member_id = request.member_id
        if request.instance_id is not None:
            holder_id = self.static.get(request.instance_id)
            if holder_id is None:
                message = f"Instance id {request.instance_id} is unknown."
                raise KafkaError(ErrorCode.UNKNOWN_MEMBER_ID, message)
            if holder_id != member_id:
                raise _instance_in_use(request.instance_id, joins=False)
        member = self.members.get(member_id)
        if member is None:
            message = f"Member {member_id} is not a member of group {self.group_id}."
            raise KafkaError(ErrorCode.UNKNOWN_MEMBER_ID, message)
        if request.member_epoch == LEAVE_STATIC:
            away = replace(member, epoch=LEAVE_STATIC, state=MemberState.STABLE, revoking=NOTHING)
            out = Outcome(records=[records.current_record(self.group_id, away)])
        else:
            out = self.without([member_id])
        response = messages.ConsumerGroupHeartbeatResponse(
            error_code=0, member_id=member_id, member_epoch=request.member_epoch
        )
        out.reply(ticket, response)
        return out

    def without(self, gone: Collection[str]) -> Outcome:
        """Put members out; the others share what they had from the next heartbeat on.

        If only members of the classic protocol are left, the group becomes a classic one.
        """
        left = {key: member for key, member in self.members.items() if key not in gone}
        if left and self.settings.may_downgrade and all(m.classic for m in left.values()):
            return self._downgrade(left)
        out = Outcome()
        for member_id in gone:
            out.records += self.tombstones_of(member_id)
        out.records.append(records.epoch_record(self.group_id, self.epoch + 1, self.metadata_hash))
        self.seen = -1
        return out

    def _downgrade(self, left: dict[str, ConsumerMember]) -> Outcome:
        out = Outcome()
        for member_id in self.members:
            out.records += self.tombstones_of(member_id)
        out.records += [records.pattern_tombstone(self.group_id, text) for text in self.patterns]
        out.records += records.group_tombstones(self.group_id)
        assignments = {
            member_id: embedded_assignment(member.assigned, self.settings.name_of)
            for member_id, member in left.items()
        }
        out.records.append(downgraded(self.group_id, left, assignments, self.epoch, -1))
        out.effects.append(Downgraded(self.group_id))
        return out

    def expire(self, now_ms: int, wall_ms: int) -> Outcome:
        """Put out members that were silent, or kept what they were to give back, for too long."""
        overdue = {
            member_id: None
            for times in (self.sessions, self.revocations)
            for member_id, until_ms in times.items()
            if until_ms <= now_ms
        }
        return self.without(list(overdue)) if overdue else Outcome()

    def abandoned(self, code: ErrorCode) -> Outcome:
        """Nobody coordinates the group here any more; nobody waits for it either."""
        return Outcome()


def _successor(old: ConsumerMember, member_id: str) -> ConsumerMember:
    """Return the static member that takes over from one that has left for a while."""
    return replace(old, member_id=member_id, epoch=JOIN, previous_epoch=JOIN)


def _instance_in_use(instance_id: str, *, joins: bool) -> KafkaError:
    if joins:
        return KafkaError(
            ErrorCode.UNRELEASED_INSTANCE_ID,
            f"Static member with instance id {instance_id} is still in the group.",
        )
    return KafkaError(
        ErrorCode.FENCED_INSTANCE_ID,
        f"Static member with instance id {instance_id} was fenced by another member.",
    )
