"""A shard's state comes from records, whether loaded or new."""

from typing import Any, cast

from kafkacompat.coordinator.groups.offsets import Committed, TopicPartition, commit_record
from kafkacompat.coordinator.groups.records import group_record, group_tombstone
from kafkacompat.coordinator.groups.shard import GroupShard
from tests.support.groups import SETTINGS, WALL_MS, Table


def shard() -> GroupShard:
    return GroupShard(cast(Any, None), SETTINGS)


def test_loading_restores_groups_and_offsets_in_order() -> None:
    table = Table()
    table.stable(2)
    found = shard()
    write = group_record(table.group, WALL_MS)
    found.load(write.key, write.value, 0, 0)
    commit = commit_record("other", TopicPartition("t", 0), Committed(1, -1, ""), (0, -1))
    found.load(commit.key, commit.value, 0, 0)
    assert found.group_ids() == {"g", "other"}
    assert set(found.group("g").members) == set(table.group.members)
    gone = group_tombstone("g")
    found.load(gone.key, gone.value, 0, 0)
    assert found.group_ids() == {"other"}


def test_an_assignment_of_a_past_generation_changes_nothing() -> None:
    table = Table()
    table.join()
    found = shard()
    found.groups["g"] = table.group
    late = group_record(table.group, WALL_MS)
    assert late.value is not None
    late.value.generation -= 1
    assert found.apply(late.key, late.value, 0, 0).replies == []
    assert table.group.state.value == "CompletingRebalance"


def test_a_group_that_is_asked_for_is_made() -> None:
    found = shard()
    assert found.group("new") is found.group("new")
