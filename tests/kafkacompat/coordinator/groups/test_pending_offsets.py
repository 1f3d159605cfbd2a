"""Offsets of open transactions: who has any, and what is left when they end."""

from kafkacompat.coordinator.groups.pending_offsets import PendingOffsets
from kafkacompat_protocol.coordinator_records.group.offset_commit import OffsetCommitKey

KEY = OffsetCommitKey(group="g", topic="t", partition=0)
OTHER = OffsetCommitKey(group="g", topic="t", partition=1)


def test_a_transaction_ends_with_its_latest_offset_of_each_partition() -> None:
    pending = PendingOffsets()
    pending.add(7, KEY, "old", 1)
    pending.add(7, OTHER, "other", 2)
    pending.add(7, KEY, "new", 3)

    assert pending.take(7) == [(KEY, "new", 3), (OTHER, "other", 2)]
    assert pending.take(7) == []


def test_a_partition_is_unstable_while_any_transaction_is_open() -> None:
    pending = PendingOffsets()
    pending.add(7, KEY, "a", 1)
    pending.add(8, KEY, "b", 2)
    pending.take(7)

    assert pending.is_pending("g", "t", 0)
    assert not pending.is_pending("g", "t", 1)
    pending.take(8)
    assert not pending.is_pending("g", "t", 0)


def test_what_is_forgotten_is_committed_by_nobody() -> None:
    pending = PendingOffsets()
    pending.add(7, KEY, "a", 1)
    pending.forget(("g", "t", 0))

    assert list(pending) == []
    assert pending.take(7) == []
