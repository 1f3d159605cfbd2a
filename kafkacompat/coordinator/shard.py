"""One partition of __consumer_offsets as a state: its groups and their offsets.

`apply` is how durable state gets in, while loading and while running alike.
"""

from typing import Any

from kafkacompat.coordinator.groups.classic import ClassicGroup, GroupSettings
from kafkacompat.coordinator.groups.offsets import Offsets
from kafkacompat.coordinator.outcome import Outcome
from kafkacompat.partitions.partition import Partition
from kafkacompat_protocol.coordinator_records.group.group_metadata import (
    GroupMetadataKey,
    GroupMetadataValue,
)
from kafkacompat_protocol.coordinator_records.group.offset_commit import OffsetCommitKey


class Shard:
    """The groups whose state one partition holds."""

    def __init__(self, partition: Partition, settings: GroupSettings) -> None:
        self.partition = partition
        self.settings = settings
        self.groups: dict[str, ClassicGroup] = {}
        self.offsets = Offsets()
        self.is_loaded = False

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
        return group_id in self.groups or bool(self.offsets.of(group_id))

    def load(self, key: Any, value: Any, now_ms: int) -> None:
        """Take in a record of the log, in order."""
        if isinstance(key, OffsetCommitKey):
            self.offsets.apply(key, value)
        elif isinstance(key, GroupMetadataKey):
            if value is None:
                self.groups.pop(key.group, None)
            else:
                self.group(key.group).restore(value, now_ms)

    def apply(self, key: Any, value: Any, now_ms: int) -> Outcome:
        """Take in a record of our own that has become durable; return what follows from it."""
        if isinstance(key, OffsetCommitKey):
            self.offsets.apply(key, value)
        elif isinstance(key, GroupMetadataKey) and isinstance(value, GroupMetadataValue):
            group = self.groups.get(key.group)
            if group is not None:
                return group.assigned(value, now_ms)
        return Outcome()

    def lost(self, key: Any, value: Any, now_ms: int) -> tuple[ClassicGroup | None, Outcome]:
        """Take in that a record of our own is not kept; return its group, and what follows."""
        if isinstance(key, GroupMetadataKey) and isinstance(value, GroupMetadataValue):
            group = self.groups.get(key.group)
            if group is not None:
                return group, group.unassigned(value, now_ms)
        return None, Outcome()
