"""A shard's state comes from records, whether loaded or new."""

from typing import Any, cast

import pytest

from kafkacompat.coordinator.groups.offsets import Committed, TopicPartition, commit_record
from kafkacompat.coordinator.groups.records import group_record, group_tombstone
from kafkacompat.coordinator.groups.shard import GroupShard
from kafkacompat_protocol.coordinator_records.group.group_metadata import GroupMetadataKey
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from tests.support.groups import SETTINGS, WALL_MS, Table
from tests.support.share_groups import ShareTable


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


def test_a_group_is_of_one_kind() -> None:
    table = ShareTable(t=1)
    table.join("a")
    shard = table.shard

    assert shard.share("g") is not None
    assert shard.classic("g") is None
    assert shard.group_ids() == {"g"}
    with pytest.raises(KafkaError) as caught:
        shard.group("g")
    assert caught.value.code is ErrorCode.INCONSISTENT_GROUP_PROTOCOL
    shard.group("h")
    assert shard.share("h") is None


def test_a_tombstone_of_another_kind_of_group_is_not_of_this_one() -> None:
    table = ShareTable(t=1)
    table.join("a")

    table.shard.load(GroupMetadataKey(group="g"), None, 100, 0)

    assert table.shard.share("g") is not None
