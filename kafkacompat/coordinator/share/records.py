"""The state of share-partitions as records of __share_group_state."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from typing import NamedTuple

from kafkacompat.coordinator.outcome import Write
from kafkacompat.coordinator.share.window import ACQUIRED, AVAILABLE, RecordState, Run, Window
from kafkacompat_protocol.coordinator_records.framing import encode_key, encode_value
from kafkacompat_protocol.coordinator_records.share.share_snapshot import (
    ShareSnapshotKey,
    ShareSnapshotStateBatch,
    ShareSnapshotValue,
)
from kafkacompat_protocol.coordinator_records.share.share_update import (
    ShareUpdateKey,
    ShareUpdateStateBatch,
    ShareUpdateValue,
)

VERSION = 0
UUID_BYTES = 16


class SharePartitionId(NamedTuple):
    """A partition of a topic as one group sees it."""

    group_id: str
    topic_id: bytes
    partition: int

    @property
    def name(self) -> str:
        """The text by which Kafka finds the coordinator of a share-partition."""
        topic_id = urlsafe_b64encode(self.topic_id).decode().rstrip("=")
        return f"{self.group_id}:{topic_id}:{self.partition}"

    @staticmethod
    def parse(name: str) -> "SharePartitionId | None":
        """Return what a name stands for, None if it is no such name."""
        group_id, _, rest = name.partition(":")
        topic_id, _, partition = rest.partition(":")
        try:
            found = SharePartitionId(group_id, urlsafe_b64decode(topic_id + "=="), int(partition))
        except ValueError:
            return None
        return found if group_id and len(found.topic_id) == UUID_BYTES else None


def id_of(key: ShareSnapshotKey | ShareUpdateKey) -> SharePartitionId:
    """Return whose record it is."""
    return SharePartitionId(key.group_id, key.topic_id, key.partition)


class Epochs(NamedTuple):
    """What a share-partition's records count."""

    snapshot: int = -1
    state: int = 0
    leader: int = 0


def snapshot_record(
    which: SharePartitionId, epochs: Epochs, window: Window, created_ms: int, wall_ms: int
) -> Write:
    """Return the record of a whole window.

    A record that somebody has is written as before it was given: available, with the deliveries
    that are over. Of records that were never given nothing is written.
    """
    value = ShareSnapshotValue(
        snapshot_epoch=epochs.snapshot,
        state_epoch=epochs.state,
        leader_epoch=epochs.leader,
        start_offset=window.start_offset,
        delivery_complete_count=window.done,
        create_timestamp=created_ms,
        write_timestamp=wall_ms,
        state_batches=[
            ShareSnapshotStateBatch(
                first_offset=run.first,
                last_offset=run.last,
                delivery_state=run.state,
                delivery_count=run.delivery_count,
            )
            for run in map(_settled, window.runs)
            if run.state != AVAILABLE or run.delivery_count
        ],
    )
    return Write(ShareSnapshotKey(**which._asdict()), value)


def _settled(run: Run) -> Run:
    if run.state != ACQUIRED:
        return run
    return Run(run.first, run.last, AVAILABLE, run.delivery_count - 1)


def update_record(
    which: SharePartitionId, epochs: Epochs, window: Window, changes: Iterable[Run]
) -> Write:
    """Return the record of some changes, after which the window is as given."""
    value = ShareUpdateValue(
        snapshot_epoch=epochs.snapshot,
        leader_epoch=epochs.leader,
        start_offset=window.start_offset,
        delivery_complete_count=window.done,
        state_batches=[
            ShareUpdateStateBatch(
                first_offset=max(run.first, window.start_offset),
                last_offset=run.last,
                delivery_state=run.state,
                delivery_count=run.delivery_count,
            )
            for run in changes
            if run.last >= window.start_offset
        ],
    )
    return Write(ShareUpdateKey(**which._asdict()), value)


def tombstone(which: SharePartitionId) -> Write:
    """Return the record by which a share-partition's state is gone."""
    return Write(ShareSnapshotKey(**which._asdict()), None)


def read_batches(
    batches: Iterable[ShareSnapshotStateBatch] | Iterable[ShareUpdateStateBatch],
) -> list[Run]:
    """Return the runs that a record tells of."""
    return [
        Run(
            batch.first_offset,
            batch.last_offset,
            RecordState(batch.delivery_state),
            batch.delivery_count,
        )
        for batch in batches
    ]


def encode_write(write: Write) -> tuple[bytes, bytes | None]:
    """Return a record's key and value as bytes."""
    value = None if write.value is None else encode_value(write.value, VERSION)
    return encode_key(write.key), value
