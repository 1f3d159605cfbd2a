"""Bugs to plant, one at a time: something is not synced, or done too early, and must be missed."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from kafkacompat.metadata import log as metadata_log
from kafkacompat_storage import checkpoint, folder, identity, log_dir, recovery
from kafkacompat_storage.folder import FileFolder
from kafkacompat_storage.log import PartitionLog
from kafkacompat_storage.log_dir import LogDir

Patch = Any


def _batches_are_not_synced() -> Patch:
    begin_commit = PartitionLog.begin_commit
    return mock.patch.object(
        PartitionLog, "begin_commit", lambda self: begin_commit(self)._replace(files=[])
    )


def _names_are_not_synced() -> Patch:
    take_unsynced = FileFolder.take_unsynced
    return mock.patch.object(FileFolder, "take_unsynced", lambda self: (take_unsynced(self)[0], []))


def _indexes_and_snapshots_are_not_synced() -> Patch:
    begin_commit = PartitionLog.begin_commit
    return mock.patch.object(
        PartitionLog, "begin_commit", lambda self: begin_commit(self)._replace(paths=[])
    )


def _checkpoints_are_renamed_before_they_are_written() -> Patch:
    def hasty(files: Any, path: str, content: bytes) -> None:
        files.write_file(path + ".tmp", content, sync=False)
        files.rename(path + ".tmp", path)
        files.sync_directory(path.rpartition("/")[0])

    stack = ExitStack()
    for module in (checkpoint, folder, identity, log_dir, metadata_log):
        stack.enter_context(mock.patch.object(module, "replace_file", hasty))
    return stack


def _the_segment_before_the_recovery_point_is_trusted() -> Patch:
    recover = recovery._recover

    def lax(where: Any, segments: Any, opening: Any, recovery_point: int) -> Any:
        return recover(where, segments, opening, recovery_point + 1)

    return mock.patch.object(recovery, "_recover", lax)


def _where_logs_begin_is_not_noted() -> Patch:
    return mock.patch.object(LogDir, "make_starts_durable")


def _windows_are_not_kept() -> Patch:
    return mock.patch.object(folder, "encode_windows", return_value=b"")


def _a_second_segment_may_be_left_alone() -> Patch:
    return mock.patch.object(FileFolder, "make_durable")


def _gaps_between_segments_are_fine() -> Patch:
    return mock.patch.object(recovery, "_gap", return_value=None)


@dataclass(frozen=True, slots=True)
class Bug:
    """What can be done wrong, and the story that misses it."""

    story: str
    patch: Callable[[], Patch]


BUGS: dict[str, Bug] = {
    "batches are not synced": Bug("plain", _batches_are_not_synced),
    "names are not synced": Bug("plain", _names_are_not_synced),
    "indexes and snapshots are not synced": Bug("rolls", _indexes_and_snapshots_are_not_synced),
    "checkpoints are renamed before they are written": Bug(
        "deleted records", _checkpoints_are_renamed_before_they_are_written
    ),
    "the segment before the recovery point is trusted": Bug(
        "transactions", _the_segment_before_the_recovery_point_is_trusted
    ),
    "where logs begin is not noted": Bug("retention", _where_logs_begin_is_not_noted),
    "windows of producers are not kept": Bug("idempotent", _windows_are_not_kept),
    "a second segment may be left alone": Bug("idempotent", _a_second_segment_may_be_left_alone),
    "gaps between segments are fine": Bug("rolls", _gaps_between_segments_are_fine),
}


@contextmanager
def plant(name: str) -> Iterator[None]:
    """Do something wrong for a while."""
    with BUGS[name].patch():
        yield
