"""The groups and offsets of one partition of `__consumer_offsets`."""

from typing import Any

from kafkacompat.coordinator.groups.classic import ClassicGroup, GroupSettings
from kafkacompat.coordinator.groups.offsets import Offsets
from kafkacompat.coordinator.outcome import Outcome, Write
from kafkacompat.coordinator.shard import Shard
from kafkacompat.partitions.partition import Partition
from kafkacompat_protocol.coordinator_records.group.group_metadata import (
    GroupMetadataKey,
    GroupMetadataValue,
)
from kafkacompat_protocol.coordinator_records.group.offset_commit import OffsetCommitKey


class GroupShard(Shard):
    """The groups whose state one partition holds."""

    def __init__(self, partition: Partition, settings: GroupSettings) -> None:
        super().__init__(partition)
        self.settings = settings
        self.groups: dict[str, ClassicGroup] = self.machines
        self.offsets = Offsets()

    def group(self, group_id: str) -> ClassicGroup:
        """Return a group, made now if there is none."""
        found = self.groups.get(group_id)
        if found is None:
            found = self.groups[group_id] = ClassicGroup(group_id, self.settings)
        return found

    def group_ids(self) -> set[str]:
        """Return all groups: those with members or a history, and those with offsets only."""
        return set(self.groups) | self.offsets.group_ids()

    def has_group(self, group_id: str) -> bool:
        """Whether a group has members, a history, or offsets."""
        return group_id in self.groups or self.offsets.has_any(group_id)

    def load(self, key: Any, value: Any, offset: int, now_ms: int) -> None:
        if isinstance(key, OffsetCommitKey):
            self.offsets.apply(key, value, offset)
        elif isinstance(key, GroupMetadataKey):
            if value is None:
                self.groups.pop(key.group, None)
            else:
                self.group(key.group).restore(value, now_ms)

    def apply(self, key: Any, value: Any, offset: int, now_ms: int) -> Outcome:
        if isinstance(key, OffsetCommitKey):
            self.offsets.apply(key, value, offset)
        elif isinstance(key, GroupMetadataKey) and isinstance(value, GroupMetadataValue):
            group = self.groups.get(key.group)
            if group is not None:
                return group.assigned(value, now_ms)
        return Outcome()

    def lost(self, key: Any, value: Any, now_ms: int) -> tuple[str, Outcome]:
        if isinstance(key, GroupMetadataKey) and isinstance(value, GroupMetadataValue):
            group = self.groups.get(key.group)
            if group is not None:
                return key.group, group.unassigned(value, now_ms)
        return "", Outcome()

    def begin(self, writes: list[Write]) -> None:
        self.offsets.begin(writes)

    def end(self, writes: list[Write]) -> None:
        self.offsets.end(writes)

    def pending(self, producer_id: int, key: Any, value: Any, offset: int) -> None:
        if isinstance(key, OffsetCommitKey):
            self.offsets.pending.add(producer_id, key, value, offset)

    def transaction_ended(self, producer_id: int, *, committed: bool) -> None:
        self.offsets.end_transaction(producer_id, committed=committed)
