"""A group changes its kind: members, epochs and assignments stay."""

from dataclasses import replace

import pytest

from kafkacompat.coordinator.groups.consumer.conversion import (
    Downgraded,
    embedded_assignment,
    emptied,
    upgraded,
)
from kafkacompat.coordinator.groups.consumer.group import ConsumerGroup
from kafkacompat.coordinator.groups.shard import GroupShard
from kafkacompat.coordinator.groups.topics import Topic
from kafkacompat_protocol.embedded.consumer_protocol_assignment import (
    AssignedTopicPartition,
    ConsumerProtocolAssignment,
)
from kafkacompat_protocol.embedded.framing import write_embedded
from kafkacompat_protocol.messages.leave_group import MemberIdentity
from tests.support.consumer_groups import ConsumerTable, topic_id
from tests.support.groups import SETTINGS, Table
from tests.support.migration import MixedTable, subscription

T = topic_id("t")


def assignment(*indexes: int) -> bytes:
    part = AssignedTopicPartition(topic="t", partitions=list(indexes))
    return write_embedded(ConsumerProtocolAssignment(assigned_partitions=[part]), 0)


def classic(*shares: bytes) -> Table:
    """A stable classic group, each of whose members has its share."""
    table = Table()
    first = table.join(protocols={"range": subscription("t")})
    members = [table.answers[first].member_id]
    for _ in shares[1:]:
        before = set(table.group.members)
        table.join(protocols={"range": subscription("t")})
        members += set(table.group.members) - before
        for member_id in members[:-1]:
            table.join(member_id, protocols={"range": subscription("t")})
    leader = table.group.leader
    assert leader is not None
    for member_id in members:
        given = dict(zip(members, shares, strict=True)) if member_id == leader else None
        table.sync(member_id, given)
    return table


VIEW = ConsumerTable(t=4).view()


def converted(table: Table) -> ConsumerGroup:
    found = ConsumerGroup("g")
    for write in upgraded(table.group, VIEW) or []:
        found.replay(write.key, write.value, 0)
    return found


def test_members_keep_what_they_have_and_their_generation_is_their_epoch() -> None:
    table = classic(assignment(0, 1), assignment(2, 3))
    group = converted(table)
    assert group.epoch == group.assignment_epoch == table.group.generation
    assert {m.epoch for m in group.members.values()} == {table.group.generation}
    assert {m.assigned for m in group.members.values()} == {
        frozenset({(T, 0), (T, 1)}),
        frozenset({(T, 2), (T, 3)}),
    }
    assert all(m.topics == ("t",) and m.classic for m in group.members.values())
    assert len(group.owners) == 4


def test_what_two_claim_belongs_to_one() -> None:
    group = converted(classic(assignment(0, 1), assignment(1)))
    assert len(group.owners) == 2
    assert sorted(len(m.assigned) for m in group.members.values()) == [0, 2]


def test_an_assignment_that_makes_no_sense_is_nothing() -> None:
    assert converted(classic(b"\x00")).owners == {}


@pytest.mark.parametrize("protocol_type", ["connect", "consumer"])
def test_a_group_of_others_or_of_unreadable_members_stays_classic(protocol_type: str) -> None:
    table = Table()
    table.join(protocol_type=protocol_type, protocols={"p": b"\0"})
    assert upgraded(table.group, VIEW) is None


def test_an_empty_group_goes_on_from_its_generation_and_back_from_its_epoch() -> None:
    table = classic(assignment(0))
    for member_id in list(table.group.members):
        table.leave(MemberIdentity(member_id=member_id))
    group = converted(table)
    assert (group.epoch, group.members) == (table.group.generation, {})
    shard = GroupShard(None, SETTINGS)  # type: ignore[arg-type]
    shard.groups["g"] = group
    for write in emptied(group, 0):
        shard.written(write.key, write.value, 0, 0)
    again = shard.classic("g")
    assert again is not None
    assert (again.generation, again.members) == (table.group.generation, {})


def test_the_last_consumer_to_leave_makes_the_group_classic_again() -> None:
    table = MixedTable(t=4)
    table.join("a", "t")
    table.classic_join("c", "t")
    table.classic_sync("c")
    table.settle_mixed("t")
    had, epoch = table.has["c"], table.group.epoch
    shard = GroupShard(None, SETTINGS)  # type: ignore[arg-type]
    shard.groups["g"] = table.group
    outcome = table.group.without(["a"])
    assert outcome.effects == [Downgraded("g")]
    for write in outcome.records:
        assert shard.written(write.key, write.value, 0, 0)
    group = shard.classic("g")
    assert group is not None
    assert (group.generation, group.leader, group.protocol) == (epoch, "c", "cooperative-sticky")
    given = group.members["c"].assignment
    assert given == embedded_assignment(
        frozenset((T, index) for _, index in had), table.group.settings.name_of
    )


def test_without_leave_to_downgrade_a_group_stays_as_it_is() -> None:
    table = MixedTable(t=4)
    table.group.settings = replace(table.group.settings, may_downgrade=False)
    table.join("a", "t")
    table.classic_join("c", "t")
    table.leave("a")
    assert set(table.group.members) == {"c"}
    table.classic_leave(MemberIdentity(member_id="c"))
    assert table.group.state == "Empty"


def test_a_topic_that_is_gone_is_left_out() -> None:
    assert embedded_assignment(frozenset({(T, 0)}), lambda topic: None) == write_embedded(
        ConsumerProtocolAssignment(assigned_partitions=[]), 0
    )
    assert Topic(T, 1).partitions == 1
