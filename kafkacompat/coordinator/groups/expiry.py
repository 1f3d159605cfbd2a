"""Which committed offsets are over, and which groups with them: a decision, and its records.

    the group                        its offsets are over when they are older than retention
    empty classic                    counted from when it became empty
    no members ever ("simple")       counted from each commit
    classic of consumers, stable     counted from each commit, of topics nobody subscribes to
    consumer (KIP-848)               counted from each commit, of topics nobody subscribes to
    any other                        never
    share                            it has none, and is never removed

A commit that says itself when it expires does so then. What a transaction has pending, or what
is on its way to be durable, is not over, nor is its group.

Spec: KIP-211; Kafka's newer groups follow it too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kafkacompat.coordinator.groups.classic import ClassicGroup, GroupState
from kafkacompat.coordinator.groups.consumer.group import ConsumerGroup
from kafkacompat.coordinator.groups.consumer.records import (
    group_tombstones as consumer_tombstones,
)
from kafkacompat.coordinator.groups.offsets import Committed, TopicPartition
from kafkacompat.coordinator.groups.records import group_tombstone, offset_tombstone
from kafkacompat.coordinator.groups.shard import GroupShard
from kafkacompat.coordinator.groups.subscriptions import subscribed_topics
from kafkacompat.coordinator.outcome import Write

CONSUMER = "consumer"


@dataclass(frozen=True, slots=True)
class Rule:
    """How the offsets of a group expire."""

    since_ms: int | None = None
    """From when retention counts; None is from each commit. Wall-clock milliseconds."""
    subscribed: frozenset[str] = frozenset()
    """Topics whose offsets stay."""
    removable: bool = True
    """Whether the group goes with its last offset."""


def rule_of(group: Any) -> Rule | None:
    """Return a group's rule, None if its offsets do not expire; no group is a simple one."""
    if group is None:
        return Rule()
    if isinstance(group, ConsumerGroup):
        return Rule(subscribed=group.subscribed_topics(), removable=not group.members)
    if not isinstance(group, ClassicGroup):
        return None
    if group.protocol_type is None:
        return Rule(removable=group.state is GroupState.EMPTY and not group.pending)
    if group.state is GroupState.EMPTY:
        return Rule(since_ms=group.empty_since_ms, removable=not group.pending)
    if group.protocol_type == CONSUMER and group.state is GroupState.STABLE:
        return Rule(subscribed=subscribed_topics(group), removable=False)
    return None


def expired(
    rule: Rule,
    offsets: Mapping[TopicPartition, Committed],
    is_held: Callable[[TopicPartition], bool],
    wall_ms: int,
    retention_ms: int,
) -> list[TopicPartition]:
    """Return the partitions whose offsets are over."""

    def is_over(committed: Committed) -> bool:
        if committed.expires_ms >= 0:
            return wall_ms >= committed.expires_ms
        since_ms = committed.committed_ms if rule.since_ms is None else rule.since_ms
        return wall_ms - since_ms >= retention_ms

    return [
        where
        for where, committed in offsets.items()
        if where.topic not in rule.subscribed and is_over(committed) and not is_held(where)
    ]


def expire(shard: GroupShard, wall_ms: int, retention_ms: int) -> tuple[list[Write], list[str]]:
    """Return the tombstones of all that is over in a shard, and the groups to be forgotten."""
    records: list[Write] = []
    gone: list[str] = []
    offsets = shard.offsets
    held = offsets.undecided()
    for group_id in sorted(shard.group_ids()):
        rule = rule_of(shard.groups.get(group_id))
        if rule is None:
            continue
        known = offsets.of(group_id)
        mine = held.get(group_id, frozenset())
        over = expired(rule, known, mine.__contains__, wall_ms, retention_ms)
        records += [offset_tombstone(group_id, *where) for where in over]
        if rule.removable and len(over) == len(known) and not mine:
            if shard.consumer(group_id) is not None:
                records += consumer_tombstones(group_id)
                continue
            if group_id in shard.groups:
                records.append(group_tombstone(group_id))
            gone.append(group_id)
    return records, gone
