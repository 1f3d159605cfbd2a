"""Which offsets are over, and which groups go with them."""

from pathlib import Path

import pytest

from kafkacompat.coordinator.groups.expiry import expire
from kafkacompat.coordinator.groups.offsets import Committed, TopicPartition, commit_record
from kafkacompat.coordinator.groups.records import group_record
from kafkacompat.coordinator.groups.shard import GroupShard
from kafkacompat.coordinator.outcome import Write
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from kafkacompat_protocol.messages.leave_group import MemberIdentity
from kafkacompat_protocol.messages.list_groups import ListGroupsRequest
from kafkacompat_protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from tests.support.clock import FakeClock
from tests.support.consumer_groups import ConsumerTable
from tests.support.groups import SETTINGS, WALL_MS, Table
from tests.support.groups_on_the_wire import SUBSCRIPTION
from tests.support.node import RunningNode, running_node
from tests.support.share_groups import ShareTable

KEPT_MS = 1_000
OTHER = "00" * 2 + "00000001" + "0005" + b"other".hex() + "ffffffff"
"""A subscription to the topic "other"."""


def commit(
    shard: GroupShard, topic: str = "t", at_ms: int = 0, *, group_id: str = "g", until_ms: int = -1
) -> Write:
    """Have an offset committed, some time after WALL_MS."""
    times = (WALL_MS + at_ms, WALL_MS + until_ms if until_ms >= 0 else -1)
    write = commit_record(group_id, TopicPartition(topic, 0), Committed(7, -1, ""), times)
    shard.load(write.key, write.value, 1, 0)
    return write


def over(shard: GroupShard, at_ms: int) -> tuple[list[str], list[str]]:
    """Return the topics whose offsets are over at some time, and the groups that go."""
    records, gone = expire(shard, WALL_MS + at_ms, KEPT_MS)
    assert all(write.value is None for write in records)
    return [write.key.topic for write in records if hasattr(write.key, "topic")], gone


def simple_shard() -> GroupShard:
    return GroupShard(None, SETTINGS)  # type: ignore[arg-type]


def with_group(table: Table) -> GroupShard:
    shard = simple_shard()
    shard.groups["g"] = table.group
    return shard


def test_offsets_of_a_group_that_never_had_members_expire_each_by_its_commit() -> None:
    shard = simple_shard()
    commit(shard, "old", 0)
    commit(shard, "new", 500)

    assert over(shard, 999) == ([], [])
    assert over(shard, 1_000) == (["old"], [])
    assert over(shard, 1_500) == (["old", "new"], ["g"])


def test_offsets_of_an_empty_group_expire_together_from_when_it_became_empty() -> None:
    table = Table()
    (member,) = table.stable(1)
    shard = with_group(table)
    commit(shard, "t", -5_000)
    table.leave(MemberIdentity(member_id=member))
    assert table.group.empty_since_ms == WALL_MS

    assert over(shard, 999) == ([], [])
    assert over(shard, 1_000) == (["t"], ["g"])


def test_an_empty_group_is_empty_since_the_same_time_after_a_restart() -> None:
    table = Table()
    (member,) = table.stable(1)
    table.leave(MemberIdentity(member_id=member))
    shard = simple_shard()
    for write in [group_record(table.group, WALL_MS), commit(shard, "t", -5_000)]:
        shard.load(write.key, write.value, 1, 0)

    assert over(shard, 999) == ([], [])
    assert over(shard, 1_000) == (["t"], ["g"])


def test_an_old_record_that_does_not_tell_since_when_it_is_empty_counts_commits() -> None:
    table = Table()
    write = group_record(table.group, -1)
    shard = simple_shard()
    shard.load(write.key, write.value, 1, 0)
    commit(shard, "t", 200)

    assert over(shard, 1_199) == ([], [])
    assert over(shard, 1_200) == (["t"], ["g"])


def test_an_empty_group_without_offsets_goes_at_once() -> None:
    table = Table()
    (member,) = table.stable(1)
    shard = with_group(table)
    assert over(shard, 0) == ([], [])
    table.leave(MemberIdentity(member_id=member))

    assert over(shard, 0) == ([], ["g"])


def test_a_group_with_members_keeps_what_they_subscribe_to() -> None:
    table = Table()
    ids = [table.join(protocols={"range": SUBSCRIPTION})]
    assert ids
    member = next(iter(table.group.members))
    table.sync(member, {member: b"x"})
    shard = with_group(table)
    commit(shard, "t")
    commit(shard, "other")

    assert table.group.state.value == "Stable"
    assert over(shard, 999) == ([], [])
    assert over(shard, 1_000) == (["other"], [])


def test_a_consumer_group_keeps_what_members_subscribe_to_and_goes_when_it_is_empty() -> None:
    table = ConsumerTable(t=1)
    table.join("m", "t")
    shard = simple_shard()
    shard.groups["g"] = table.group
    for topic in ("t", "u"):
        commit(shard, topic)
    assert over(shard, KEPT_MS) == (["u"], [])
    table.leave("m")
    records, _ = expire(shard, WALL_MS + KEPT_MS, KEPT_MS)
    for write in records:
        shard.load(write.key, write.value, 9, 0)
    assert not shard.has_group("g")


def test_while_members_join_nothing_expires() -> None:
    table = Table()
    table.join(protocols={"range": SUBSCRIPTION})
    shard = with_group(table)
    commit(shard, "other")

    assert table.group.state.value == "CompletingRebalance"
    assert over(shard, 5_000) == ([], [])


def test_offsets_of_a_group_of_another_protocol_stay_while_it_has_members() -> None:
    table = Table()
    table.join(protocols={"v0": bytes.fromhex(OTHER)}, protocol_type="connect")
    member = next(iter(table.group.members))
    table.sync(member, {member: b"x"})
    shard = with_group(table)
    commit(shard, "t")

    assert over(shard, 5_000) == ([], [])


@pytest.mark.parametrize(("until_ms", "kept_until"), [(300, 300), (9_000, 9_000)])
def test_a_commit_that_says_when_it_expires_does_so_then(until_ms: int, kept_until: int) -> None:
    shard = simple_shard()
    commit(shard, "t", until_ms=until_ms)

    assert over(shard, kept_until - 1) == ([], [])
    assert over(shard, kept_until) == (["t"], ["g"])


def test_an_open_transaction_holds_off_its_offsets_and_their_group() -> None:
    shard = simple_shard()
    write = commit(shard, "t")
    commit(shard, "u")
    shard.pending(5, write.key, write.value, 2)

    assert over(shard, 1_000) == (["u"], [])
    shard.transaction_ended(5, committed=False)
    assert over(shard, 1_000) == (["t", "u"], ["g"])


def test_a_commit_on_its_way_to_be_durable_holds_off_the_older_one() -> None:
    shard = simple_shard()
    write = commit(shard, "t")
    shard.begin([write])

    assert over(shard, 1_000) == ([], [])
    shard.end([write])
    assert over(shard, 1_000) == (["t"], ["g"])


def test_a_group_where_somebody_is_about_to_join_stays() -> None:
    table = Table()
    table.join(version=4)
    shard = with_group(table)

    assert table.group.pending
    assert over(shard, 1_000) == ([], [])


def test_share_groups_are_never_removed() -> None:
    table = ShareTable(t=1)
    table.join("a")
    table.beat("a", -1)

    assert over(table.shard, 1 << 40) == ([], [])


# --- on a node


DAY_MS = 86_400_000


def listed(broker: RunningNode) -> set[str]:
    return {group.group_id for group in broker.call(ListGroupsRequest(), 4).groups}


def commit_over_the_wire(broker: RunningNode, group_id: str) -> None:
    part = OffsetCommitRequestPartition(partition_index=0, committed_offset=1)
    topic = OffsetCommitRequestTopic(name="t", partitions=[part])
    request = OffsetCommitRequest(group_id=group_id, topics=[topic])
    assert broker.call(request, 7).topics[0].partitions[0].error_code == 0


def test_a_node_removes_what_is_over_and_it_stays_removed(tmp_path: Path) -> None:
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "fsync"}
    on_disk["offsets.retention.minutes"] = "1440"
    clock = FakeClock()
    with running_node(on_disk, clock) as broker:
        broker.create_topic("t")
        broker.call(FindCoordinatorRequest(key="old"), 2)
        commit_over_the_wire(broker, "old")
        broker.run(lambda: clock.advance(DAY_MS // 2))
        commit_over_the_wire(broker, "new")
    clock = FakeClock(wall_ms=clock.wall_ms())
    with running_node(on_disk, clock) as broker:  # shards are not loaded until it is looked
        broker.run(lambda: clock.advance(DAY_MS // 2 + 600_000))
        broker.wait_until(lambda: "old" not in broker.node.groups.shard("old").group_ids())
        assert listed(broker) == {"new"}
    with running_node(on_disk, FakeClock(wall_ms=clock.wall_ms())) as broker:
        assert listed(broker) == {"new"}
