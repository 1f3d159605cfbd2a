"""Committed offsets: who may commit, and what a durable record does."""

from kafkacompat.coordinator.groups.offsets import (
    Committed,
    Offsets,
    TopicPartition,
    check_commit,
    commit_record,
)
from kafkacompat.coordinator.groups.records import offset_tombstone
from kafkacompat_protocol.errors import ErrorCode
from tests.support.groups import Table

WHERE = TopicPartition("t", 0)


def test_anybody_commits_for_a_group_without_members() -> None:
    assert check_commit(None, -1, "", None) == ErrorCode.NONE
    assert check_commit(Table().group, -1, "", None) == ErrorCode.NONE


def test_a_generation_of_a_group_that_is_not_there_is_refused() -> None:
    assert check_commit(None, 3, "m", None) == ErrorCode.ILLEGAL_GENERATION


def test_only_members_of_the_generation_commit_for_a_group_that_has_members() -> None:
    table = Table()
    (only,) = table.stable(1)
    generation = table.group.generation
    assert check_commit(table.group, generation, only, None) == ErrorCode.NONE
    assert check_commit(table.group, -1, "", None) == ErrorCode.UNKNOWN_MEMBER_ID
    assert check_commit(table.group, generation, "x", None) == ErrorCode.UNKNOWN_MEMBER_ID
    assert check_commit(table.group, generation - 1, only, None) == ErrorCode.ILLEGAL_GENERATION


def test_a_member_may_commit_while_others_still_have_to_join_but_not_before_the_sync() -> None:
    table = Table()
    first, second = table.stable(2)
    generation = table.group.generation
    table.join(first)
    assert check_commit(table.group, generation, second, None) == ErrorCode.NONE
    table.join(second)
    generation = table.group.generation
    assert check_commit(table.group, generation, second, None) == ErrorCode.REBALANCE_IN_PROGRESS


def test_a_former_id_of_a_static_member_may_not_commit() -> None:
    table = Table()
    table.join(instance="a")
    table.sync("a-1", {}, instance="a")
    table.join(instance="a")
    assert check_commit(table.group, 1, "a-1", "a") == ErrorCode.FENCED_INSTANCE_ID


def test_a_record_sets_an_offset_and_a_tombstone_removes_it() -> None:
    offsets = Offsets()
    write = commit_record("g", WHERE, Committed(7, 1, "m"), (0, -1))
    offsets.apply(write.key, write.value, 0)
    assert offsets.of("g") == {WHERE: Committed(7, 1, "m")}
    assert offsets.of_topic("t") == [("g", WHERE)]
    gone = offset_tombstone("g", *WHERE)
    offsets.apply(gone.key, gone.value, 0)
    assert offsets.group_ids() == set()
    offsets.apply(gone.key, gone.value, 0)


def test_an_offset_of_a_transaction_counts_when_that_is_committed() -> None:
    offsets = Offsets()
    write = commit_record("g", WHERE, Committed(7, -1, ""), (0, -1))
    offsets.pending.add(1, write.key, write.value, 10)
    assert offsets.has_any("g")
    assert offsets.of("g") == {}
    offsets.end_transaction(1, committed=True)
    assert offsets.of("g") == {WHERE: Committed(7, -1, "")}


def test_an_offset_of_a_transaction_that_is_aborted_never_counts() -> None:
    offsets = Offsets()
    write = commit_record("g", WHERE, Committed(7, -1, ""), (0, -1))
    offsets.pending.add(1, write.key, write.value, 10)
    offsets.end_transaction(1, committed=False)
    assert not offsets.has_any("g")


def test_a_later_commit_outside_overtakes_one_that_a_transaction_holds() -> None:
    offsets = Offsets()
    held = commit_record("g", WHERE, Committed(7, -1, ""), (0, -1))
    offsets.pending.add(1, held.key, held.value, 10)
    plain = commit_record("g", WHERE, Committed(9, -1, ""), (0, -1))
    offsets.apply(plain.key, plain.value, 11)
    offsets.end_transaction(1, committed=True)
    assert offsets.of("g") == {WHERE: Committed(9, -1, "")}


def test_a_deletion_takes_what_transactions_hold_along() -> None:
    offsets = Offsets()
    held = commit_record("g", WHERE, Committed(7, -1, ""), (0, -1))
    offsets.pending.add(1, held.key, held.value, 10)
    assert offsets.topics() == {"t"}
    assert offsets.of_topic("t") == [("g", WHERE)]
    assert offsets.of_group("g") == [WHERE]
    gone = offset_tombstone("g", *WHERE)
    offsets.apply(gone.key, gone.value, 11)
    offsets.end_transaction(1, committed=True)
    assert offsets.of("g") == {}
