"""Every file and folder name the store uses, both ways. They are Apache Kafka's own.

Folders: `topic-partition`, and `topic-partition.<32 hex digits>-delete`, `-future` or `-stray`.
Files of a partition start with the offset of their first record, in 20 digits, so that names sort
as offsets do.
"""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

LOG: Final = ".log"
OFFSET_INDEX: Final = ".index"
TIME_INDEX: Final = ".timeindex"
TXN_INDEX: Final = ".txnindex"
TXN_CHECKSUM: Final = ".txncrc"
"""Ours, beside a .txnindex, which has no checksum of its own."""
SNAPSHOT: Final = ".snapshot"
PRODUCERS: Final = ".producers"
"""Ours, beside a .snapshot: the windows of five batches that the snapshot has no room for."""
TORN: Final = ".torn"
"""Ours: bytes that recovery cut off the end of a log, kept for a human to look at."""

SEGMENT_FILES: Final = (LOG, OFFSET_INDEX, TIME_INDEX, TXN_INDEX, TXN_CHECKSUM)

DELETED: Final = ".deleted"
CLEANED: Final = ".cleaned"
SWAP: Final = ".swap"
TEMPORARY: Final = ".tmp"

LEADER_EPOCH_CHECKPOINT: Final = "leader-epoch-checkpoint"
PARTITION_METADATA: Final = "partition.metadata"
QUORUM_STATE: Final = "quorum-state"

META_PROPERTIES: Final = "meta.properties"
RECOVERY_POINT_CHECKPOINT: Final = "recovery-point-offset-checkpoint"
LOG_START_CHECKPOINT: Final = "log-start-offset-checkpoint"
HIGH_WATERMARK_CHECKPOINT: Final = "replication-offset-checkpoint"
CLEANER_CHECKPOINT: Final = "cleaner-offset-checkpoint"
CLEAN_SHUTDOWN: Final = ".kafka_cleanshutdown"
LOCK: Final = ".lock"
BOOTSTRAP_CHECKPOINT: Final = "bootstrap.checkpoint"

METADATA_TOPIC: Final = "__cluster_metadata"

_PARTITION_FOLDER = re.compile(r"(?P<topic>[a-zA-Z0-9._-]+)-(?P<partition>0|[1-9][0-9]{0,9})")
_DELETED_FOLDER = re.compile(r".+\.[0-9a-f]{32}-delete")
_FUTURE_FOLDER = re.compile(
    r"(?P<topic>[a-zA-Z0-9._-]+)-(?P<partition>0|[1-9][0-9]{0,9})\.[0-9a-f]{32}-future"
)
_OFFSET_FILE = re.compile(r"(?P<offset>[0-9]{20})(?P<suffix>\.[a-z.]+)")
_METADATA_SNAPSHOT = re.compile(r"(?P<offset>[0-9]{20})-(?P<epoch>[0-9]{10})\.checkpoint")
_LONGEST_NAME: Final = 255


class TopicPartition(NamedTuple):
    topic: str
    partition: int


def partition_folder(topic: str, partition: int) -> str:
    return f"{topic}-{partition}"


def parse_partition_folder(name: str) -> TopicPartition | None:
    """Return whose folder it is, None if it is no partition's (or waits to be deleted)."""
    match = _PARTITION_FOLDER.fullmatch(name)
    if match is None:
        return None
    return TopicPartition(match["topic"], int(match["partition"]))


def deleted_folder(topic: str, partition: int, unique: str) -> str:
    """Name for a partition's folder that waits to be deleted; `unique` is 32 hex digits.

    The topic is cut, as in Kafka, where the name would be longer than a file system allows.
    """
    suffix = f"-{partition}.{unique}-delete"
    return topic[: _LONGEST_NAME - len(suffix)] + suffix


def stray_folder(topic: str, partition: int, unique: str) -> str:
    """Name for a folder of a topic that nobody knows, kept for a human; cut as deleted ones."""
    suffix = f"-{partition}.{unique}-stray"
    return topic[: _LONGEST_NAME - len(suffix)] + suffix


def future_folder(topic: str, partition: int, unique: str) -> str | None:
    """Name for the copy of a partition that is being moved; None where it would be too long."""
    name = f"{topic}-{partition}.{unique}-future"
    return name if len(name) <= _LONGEST_NAME else None


def parse_future_folder(name: str) -> TopicPartition | None:
    """Return whose copy a folder is, None if it is none."""
    match = _FUTURE_FOLDER.fullmatch(name)
    return None if match is None else TopicPartition(match["topic"], int(match["partition"]))


def is_deleted_folder(name: str) -> bool:
    return _DELETED_FOLDER.fullmatch(name) is not None


def offset_file(offset: int, suffix: str) -> str:
    return f"{offset:020d}{suffix}"


def parse_offset_file(name: str) -> tuple[int, str] | None:
    """Return (offset, suffix with all its dots), None for a file of another kind."""
    match = _OFFSET_FILE.fullmatch(name)
    return None if match is None else (int(match["offset"]), match["suffix"])


def offsets_of(found: Iterable[str], suffix: str) -> list[int]:
    """Return the offsets that files of one kind among those found begin with, in their order."""
    items = (parse_offset_file(name) for name in found if name.endswith(suffix))
    return [item[0] for item in items if item is not None and item[1] == suffix]


def metadata_snapshot(offset: int, epoch: int) -> str:
    """Name of a snapshot of the metadata log: of all records before `offset`."""
    return f"{offset:020d}-{epoch:010d}.checkpoint"


def parse_metadata_snapshot(name: str) -> tuple[int, int] | None:
    """Return (offset, epoch), None for another file or an unfinished snapshot."""
    match = _METADATA_SNAPSHOT.fullmatch(name)
    return None if match is None else (int(match["offset"]), int(match["epoch"]))
