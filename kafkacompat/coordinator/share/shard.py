"""The share-partitions whose state one partition of __share_group_state holds."""

from typing import Any

from kafkacompat.coordinator.outcome import Outcome
from kafkacompat.coordinator.shard import Shard
from kafkacompat.coordinator.share.records import SharePartitionId, id_of
from kafkacompat.coordinator.share.share_partition import ShareLimits, SharePartition
from kafkacompat.partitions.partition import Partition
from kafkacompat_protocol.coordinator_records.share.share_snapshot import ShareSnapshotKey

DEFAULT_LIMITS = ShareLimits()


class ShareShard(Shard):
    """Some share-partitions. Their limits are set by whoever asks for one."""

    def __init__(self, partition: Partition) -> None:
        super().__init__(partition)
        self.share_partitions: dict[str, SharePartition] = self.machines
        self._snapshots: dict[str, int] = {}
        """Where the last durable snapshot of each is in the log: it needs nothing before it."""

    def find(self, which: SharePartitionId) -> SharePartition | None:
        """Return a share-partition, if a group has begun with it."""
        found = self.share_partitions.get(which.name)
        return None if found is None or found.is_blank else found

    def share_partition(self, which: SharePartitionId) -> SharePartition:
        """Return a share-partition, made now if there is none."""
        found = self.share_partitions.get(which.name)
        if found is None:
            found = self.share_partitions[which.name] = SharePartition(which, DEFAULT_LIMITS)
        return found

    def load(self, key: Any, value: Any, offset: int, now_ms: int) -> None:
        which = id_of(key)
        self._note(which.name, key, value, offset)
        if value is None:
            self.share_partitions.pop(which.name, None)
        else:
            self.share_partition(which).load(value)

    def written(self, key: Any, value: Any, offset: int, now_ms: int) -> bool:
        self.share_partition(id_of(key)).written(value)
        return True

    def apply(self, key: Any, value: Any, offset: int, now_ms: int) -> Outcome:
        self._note(id_of(key).name, key, value, offset)
        return Outcome()

    def _note(self, name: str, key: Any, value: Any, offset: int) -> None:
        if isinstance(key, ShareSnapshotKey):
            if value is None:
                self._snapshots.pop(name, None)
            else:
                self._snapshots[name] = offset

    def first_needed(self) -> int:
        """Return the offset before which no record of the log matters any more."""
        return min(self._snapshots.values(), default=self.partition.log.high_watermark)

    def older_than(self, offset: int) -> list[SharePartition]:
        """Return the share-partitions whose last snapshot lies before an offset of the log."""
        old = [name for name, at in self._snapshots.items() if at < offset]
        return [self.share_partitions[name] for name in old if name in self.share_partitions]
