"""Committed offsets of groups: checked, turned into records, and known once those are durable.

D6: a committed offset never goes back by itself. An offset shows only when its record is durable.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from kafkacompat.coordinator.groups.classic import ClassicGroup, GroupState
from kafkacompat.coordinator.groups.member_requests import find_member
from kafkacompat.coordinator.groups.pending_offsets import PendingOffsets
from kafkacompat.coordinator.outcome import Write
from kafkacompat_protocol.coordinator_records.group.offset_commit import (
    OffsetCommitKey,
    OffsetCommitValue,
)
from kafkacompat_protocol.errors import ErrorCode


class TopicPartition(NamedTuple):
    """A partition by its topic's name."""

    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class Committed:
    """What a group committed for one partition; -1 for what was not given."""

    offset: int
    leader_epoch: int
    metadata: str
    committed_ms: int = field(default=-1, compare=False)
    expires_ms: int = field(default=-1, compare=False)
    """When it is over, whatever is configured: wall-clock milliseconds."""
    record_offset: int = field(default=-1, compare=False)
    """Where its record is in the log: of two commits the later one counts."""


class Offsets:
    """The committed offsets of the groups of one partition of __consumer_offsets."""

    def __init__(self) -> None:
        self._groups: dict[str, dict[TopicPartition, Committed]] = {}
        self.pending = PendingOffsets()
        """Of transactions that have not ended."""
        self._begun: Counter[tuple[str, TopicPartition]] = Counter()
        """Of what records are on their way to be durable, and how many."""

    def of(self, group_id: str) -> dict[TopicPartition, Committed]:
        """Return a group's offsets; not to be changed."""
        return self._groups.get(group_id, {})

    def group_ids(self) -> set[str]:
        """Return the groups that have committed anything."""
        return set(self._groups)

    def has_any(self, group_id: str) -> bool:
        """Whether a group has committed anything, be it in an open transaction."""
        return group_id in self._groups or any(place[0] == group_id for place in self.pending)

    def apply(self, key: OffsetCommitKey, value: OffsetCommitValue | None, offset: int) -> None:
        """Do what a durable record says, which is at `offset` in the log."""
        where = TopicPartition(key.topic, key.partition)
        if value is not None:
            offsets = self._groups.setdefault(key.group, {})
            offsets[where] = Committed(
                value.offset,
                value.leader_epoch,
                value.metadata,
                value.commit_timestamp,
                value.expire_timestamp,
                offset,
            )
            return
        self.pending.forget((key.group, *where))
        found = self._groups.get(key.group)
        if found is not None:
            found.pop(where, None)
            if not found:
                del self._groups[key.group]

    def end_transaction(self, producer_id: int, *, committed: bool) -> None:
        """Take in the end of a producer's transaction: its offsets count now, or never.

        One that a later commit outside of the transaction has overtaken does not.
        """
        for key, value, offset in self.pending.take(producer_id):
            known = self.of(key.group).get(TopicPartition(key.topic, key.partition))
            if committed and (known is None or known.record_offset < offset):
                self.apply(key, value, offset)

    def begin(self, writes: list[Write]) -> None:
        """Note records that are written but not durable yet."""
        self._begun.update(_places(writes))

    def end(self, writes: list[Write]) -> None:
        """Note that records are durable, or never will be."""
        for place in _places(writes):
            self._begun[place] -= 1
            if not self._begun[place]:
                del self._begun[place]

    def topics(self) -> set[str]:
        """Return the topics of which anything is committed."""
        found = {where.topic for offsets in self._groups.values() for where in offsets}
        return found | {topic for _, topic, _ in self.pending}

    def of_topic(self, topic: str) -> list[tuple[str, TopicPartition]]:
        """Return the groups and partitions that have offsets of a topic, or will in a moment."""
        found = {
            (group_id, where): None
            for group_id, offsets in self._groups.items()
            for where in offsets
            if where.topic == topic
        }
        found.update((place, None) for place in self._begun if place[1].topic == topic)
        for group_id, name, partition in self.pending:
            if name == topic:
                found[group_id, TopicPartition(name, partition)] = None
        return list(found)

    def of_group(self, group_id: str) -> list[TopicPartition]:
        """Return the partitions that a group has offsets of, or will in a moment."""
        found = dict.fromkeys(self.of(group_id))
        found.update((place[1], None) for place in self._begun if place[0] == group_id)
        found.update((TopicPartition(*p[1:]), None) for p in self.pending if p[0] == group_id)
        return list(found)

    def undecided(self) -> dict[str, frozenset[TopicPartition]]:
        """Return, by group, the partitions of which something may be committed in a moment."""
        found: dict[str, set[TopicPartition]] = {}
        for group_id, where in self._begun:
            found.setdefault(group_id, set()).add(where)
        for group_id, topic, partition in self.pending:
            found.setdefault(group_id, set()).add(TopicPartition(topic, partition))
        return {group_id: frozenset(places) for group_id, places in found.items()}


def _places(writes: list[Write]) -> list[tuple[str, TopicPartition]]:
    return [
        (write.key.group, TopicPartition(write.key.topic, write.key.partition))
        for write in writes
        if isinstance(write.key, OffsetCommitKey)
    ]


def check_commit(
    group: ClassicGroup | None, generation: int, member_id: str, instance: str | None
) -> ErrorCode:
    """Whether this sender may commit for a group: a member of its generation, or anybody while
    the group has no members (assigned partitions, tools).

    Errors: ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, REBALANCE_IN_PROGRESS,
    COORDINATOR_NOT_AVAILABLE.
    """
    if group is None:
        return ErrorCode.NONE if generation < 0 else ErrorCode.ILLEGAL_GENERATION
    if group.state is GroupState.DEAD:
        return ErrorCode.COORDINATOR_NOT_AVAILABLE
    if generation < 0 and group.state is GroupState.EMPTY:
        return ErrorCode.NONE
    if generation < 0 and member_id == "" and instance is None:
        return ErrorCode.UNKNOWN_MEMBER_ID
    member, code = find_member(group, member_id, instance)
    if member is None:
        return code
    if generation != group.generation:
        return ErrorCode.ILLEGAL_GENERATION
    if group.state is GroupState.COMPLETING:
        return ErrorCode.REBALANCE_IN_PROGRESS
    return ErrorCode.NONE


def commit_record(
    group_id: str, where: TopicPartition, committed: Committed, times: tuple[int, int]
) -> Write:
    """Return the record of a commit; `times` are those of commit and expiry (-1 for none)."""
    value = OffsetCommitValue(
        offset=committed.offset,
        leader_epoch=committed.leader_epoch,
        metadata=committed.metadata,
        commit_timestamp=times[0],
        expire_timestamp=times[1],
    )
    key = OffsetCommitKey(group=group_id, topic=where.topic, partition=where.partition)
    return Write(key, value)
