"""The groups and offsets of one partition of `__consumer_offsets`."""

from collections.abc import Callable
from typing import Any, TypeVar

from kafkacompat.coordinator.groups.classic import ClassicGroup, GroupSettings
from kafkacompat.coordinator.groups.consumer.group import ConsumerGroup
from kafkacompat.coordinator.groups.consumer.records import CONSUMER_KEYS
from kafkacompat.coordinator.groups.consumer.state import ConsumerGroupSettings
from kafkacompat.coordinator.groups.offsets import Offsets, check_commit
from kafkacompat.coordinator.groups.share import ShareGroup, ShareGroupSettings
from kafkacompat.coordinator.groups.share_records import SHARE_KEYS
from kafkacompat.coordinator.outcome import Outcome, Write
from kafkacompat.coordinator.shard import Shard
from kafkacompat.partitions.partition import Partition
from kafkacompat_protocol.coordinator_records.group.group_metadata import (
    GroupMetadataKey,
    GroupMetadataValue,
)
from kafkacompat_protocol.coordinator_records.group.offset_commit import OffsetCommitKey
from kafkacompat_protocol.errors import ErrorCode, KafkaError

G = TypeVar("G")


def _default_share_settings(group_id: str) -> ShareGroupSettings:
    return ShareGroupSettings()


def _default_consumer_settings(group_id: str) -> ConsumerGroupSettings:
    return ConsumerGroupSettings()


class GroupShard(Shard):
    """The groups whose state one partition holds, each of one kind: classic, consumer or share."""

    def __init__(
        self,
        partition: Partition,
        settings: GroupSettings,
        share_settings: Callable[[str], ShareGroupSettings] = _default_share_settings,
        consumer_settings: Callable[[str], ConsumerGroupSettings] = _default_consumer_settings,
    ) -> None:
        super().__init__(partition)
        self.settings = settings
        self.share_settings = share_settings
        """Returns what is configured for a share group."""
        self.consumer_settings = consumer_settings
        """Returns what is configured for a consumer group."""
        self.groups: dict[str, Any] = self.machines
        self.offsets = Offsets()

    def _of_kind(self, group_id: str, kind: type[G]) -> G | None:
        found = self.groups.get(group_id)
        return found if isinstance(found, kind) else None

    def classic(self, group_id: str) -> ClassicGroup | None:
        """Return a group if it is a classic one."""
        return self._of_kind(group_id, ClassicGroup)

    def share(self, group_id: str) -> ShareGroup | None:
        """Return a group if it is a share group."""
        return self._of_kind(group_id, ShareGroup)

    def consumer(self, group_id: str) -> ConsumerGroup | None:
        """Return a group if it is a consumer group."""
        return self._of_kind(group_id, ConsumerGroup)

    def consumer_group(self, group_id: str) -> ConsumerGroup:
        """Return a consumer group, made now if there is no group of another kind.

        Errors: GROUP_ID_NOT_FOUND.
        """
        found = self.consumer(group_id)
        if found is None:
            if group_id in self.groups:
                message = f"Group {group_id} is not a consumer group."
                raise KafkaError(ErrorCode.GROUP_ID_NOT_FOUND, message)
            found = self._new_consumer_group(group_id)
        found.settings = self.consumer_settings(group_id)
        return found

    def _new_consumer_group(self, group_id: str) -> ConsumerGroup:
        made = self.groups[group_id] = ConsumerGroup(group_id, self.consumer_settings(group_id))
        return made

    def group(self, group_id: str) -> ClassicGroup:
        """Return a classic group, made now if there is none. Errors: as for `check_classic`."""
        self.check_classic(group_id)
        found = self.classic(group_id)
        if found is None:
            found = self.groups[group_id] = ClassicGroup(group_id, self.settings)
        return found

    def check_classic(
        self, group_id: str, code: ErrorCode = ErrorCode.INCONSISTENT_GROUP_PROTOCOL
    ) -> None:
        """Check that a group, if it exists, is of the kind that commits offsets. Errors: `code`."""
        if self.share(group_id) is not None:
            raise KafkaError(code, f"Group {group_id} is not a classic group.")

    def check_sender(
        self, group_id: str, epoch: int, member_id: str, instance_id: str | None
    ) -> ErrorCode:
        """Whether this sender may commit a group's offsets: see `check_commit` and
        `ConsumerGroup.check_member`."""
        consumer = self.consumer(group_id)
        if consumer is not None:
            return consumer.check_member(member_id, epoch)
        return check_commit(self.classic(group_id), epoch, member_id, instance_id)

    def share_group(self, group_id: str) -> ShareGroup:
        """Return a share group, made now if there is no group. Errors: GROUP_ID_NOT_FOUND."""
        found = self.share(group_id)
        if found is None:
            if self.has_group(group_id):
                message = f"Group {group_id} is not a share group."
                raise KafkaError(ErrorCode.GROUP_ID_NOT_FOUND, message)
            found = self._new_share_group(group_id)
        found.settings = self.share_settings(group_id)
        return found

    def _new_share_group(self, group_id: str) -> ShareGroup:
        made = self.groups[group_id] = ShareGroup(group_id, self.share_settings(group_id))
        return made

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
                if self.classic(key.group) is not None:
                    del self.groups[key.group]
            else:
                if self.classic(key.group) is None:
                    self.groups[key.group] = ClassicGroup(key.group, self.settings)
                self.group(key.group).restore(value, now_ms)
        elif isinstance(key, SHARE_KEYS):
            self._replay_share(key, value, now_ms)
        elif isinstance(key, CONSUMER_KEYS):
            self._replay_consumer(key, value, now_ms)

    def _replay_consumer(self, key: Any, value: Any, now_ms: int) -> None:
        group = self.consumer(key.group_id)
        if group is None:
            if value is None:
                return
            group = self._new_consumer_group(key.group_id)
        group.replay(key, value, now_ms)
        if group.is_blank:
            del self.groups[key.group_id]

    def _replay_share(self, key: Any, value: Any, now_ms: int) -> None:
        group = self.share(key.group_id)
        if group is None:
            if value is None:
                return
            group = self._new_share_group(key.group_id)
        group.replay(key, value, now_ms)
        if group.is_blank:
            del self.groups[key.group_id]

    def written(self, key: Any, value: Any, offset: int, now_ms: int) -> bool:
        if isinstance(key, SHARE_KEYS):
            self._replay_share(key, value, now_ms)
        elif isinstance(key, CONSUMER_KEYS):
            self._replay_consumer(key, value, now_ms)
        elif isinstance(key, GroupMetadataKey):
            return self._change_kind(key, value, now_ms)
        else:
            return False
        return True

    def _change_kind(self, key: GroupMetadataKey, value: Any, now_ms: int) -> bool:
        """Take in a classic group's record if it ends the group, or makes one that is new."""
        is_known = self.classic(key.group) is not None
        if is_known is (value is None):
            self.load(key, value, 0, now_ms)
            return True
        return False

    def apply(self, key: Any, value: Any, offset: int, now_ms: int) -> Outcome:
        if isinstance(key, OffsetCommitKey):
            self.offsets.apply(key, value, offset)
        elif isinstance(key, GroupMetadataKey) and isinstance(value, GroupMetadataValue):
            group = self.classic(key.group)
            if group is not None:
                return group.assigned(value, now_ms)
        return Outcome()

    def lost(self, key: Any, value: Any, now_ms: int) -> tuple[str, Outcome]:
        if isinstance(key, GroupMetadataKey) and isinstance(value, GroupMetadataValue):
            group = self.classic(key.group)
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
