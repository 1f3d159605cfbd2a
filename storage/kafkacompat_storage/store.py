"""The place of all partitions: opens, makes and removes them, and keeps the checkpoints.

Nothing is touched that nobody asks for: a clean start reads a few small files, and a partition is
opened when it is first used. After a crash `recover` goes through the partitions first; one that
it leaves out is recovered when it is opened, and its log's `notes` say what was found.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from .files import Files
from .log import AppendRules, PartitionLog
from .memory_store import MemoryStore
from .moves import Moves
from .names import TopicPartition
from .recovery import Progress
from .usage import DirUse


class LogStore(Protocol):
    """Where a broker's partitions are."""

    files: Files
    log_dirs: list[str]
    cluster_id: str
    directory_id: bytes
    """That of the first log directory."""
    directories: dict[bytes, str]
    """Paths of the log directories by their ids, in their order."""
    moves: Moves
    producer_expiration_ms: int
    """How long a producer that writes nothing is remembered; may be changed."""
    opens_at_once: bool
    """Whether a log is opened without a look at any file."""
    file_delete_delay_ms: int
    """How long a deleted partition's folder stays on the disk; may be changed."""

    def open(
        self,
        topic: str,
        partition: int,
        topic_id: bytes | None,
        rules: AppendRules,
        directory_id: bytes | None = None,
        leader_epoch: int | None = None,
    ) -> PartitionLog:
        """Return a partition's log: open already, on disk, or new.

        A new one goes to the log directory of the id, if there is such, or where the fewest are.
        No batch can be of a later epoch than `leader_epoch`.

        Errors: KAFKA_STORAGE_ERROR.
        """

    def delete(self, topic: str, partition: int, topic_id: bytes | None) -> None:
        """Remove a partition; its bytes go later (`sweep`). Errors: KAFKA_STORAGE_ERROR."""

    def topic_id_of(self, topic: str, partition: int) -> bytes | None:
        """Return the topic id that a partition's place says it belongs to, if it says."""

    def set_aside(self, topic: str, partition: int) -> None:
        """Put a partition that nobody knows out of the way, with all its data, for a human.

        Errors: KAFKA_STORAGE_ERROR.
        """

    def partitions(self) -> list[TopicPartition]:
        """Return the partitions there are, opened or not."""

    def opened(self) -> list[PartitionLog]:
        """Return the logs in use."""

    def folder_of(self, topic: str, partition: int) -> str:
        """Return the path of a partition's folder, where it is or would be."""

    def size_of(self, topic: str, partition: int) -> int:
        """Return the bytes of a partition's batches, without opening it."""

    def log_dir_of(self, topic: str, partition: int) -> str:
        """Return the log directory a partition is in."""

    def cleaned_to(self, topic: str, partition: int) -> int | None:
        """Return the offset up to which a partition was compacted, None if it never was."""

    def note_cleaned(self, topic: str, partition: int, offset: int) -> None:
        """Note that; the next checkpoint has it."""

    def prepare_usage(self) -> Callable[[], list[DirUse]]:
        """Return what tells what is in the log directories; it may block, in any thread."""

    def recover(
        self,
        progress: Progress | None = None,
        *,
        at_least_bytes: int = 0,
        at_most_logs: int = sys.maxsize,
        is_compacted: Callable[[str], bool] = lambda topic: True,
    ) -> list[str]:
        """After a crash, check and repair the partitions; return what was found, to be logged.

        Those with less than `at_least_bytes` to look at are left for when they are opened; where
        more than `at_most_logs` wait, all are. In a topic that `is_compacted`, segments may end
        before the next begins. May block. `progress` is told of bytes.
        """

    def prepare_log_starts(self, places: Iterable[TopicPartition]) -> Callable[[], None]:
        """Note where these logs begin; the function returned makes that durable.

        It may block, in any thread. Errors: OSError.
        """

    def prepare_checkpoint(self) -> Callable[[], None]:
        """Note where the logs are; the function returned writes it down, and may block."""

    def prepare_checkpoint_of(self, topic: str, partition: int) -> Callable[[], None]:
        """Note where one log is, if it is open; the function returned writes it down. It may block.

        Errors: OSError.
        """

    def checkpoint(self) -> None:
        """Note where the logs are and write it down. May block."""

    def sweep(self, now_ms: int) -> int | None:
        """Remove what is due to be removed; return when more is, by the same clock.

        May block; any thread. Errors: OSError.
        """

    def close(self, clean: bool, broker_epoch: int = -1) -> None:
        """Close the logs and, if `clean`, say so to the next start. May block."""


def open_store(
    log_dirs: Sequence[str],
    *,
    node_id: int,
    now_ms: int,
    producer_expiration_ms: int = 86_400_000,
    cluster_id: str | None = None,
    files: Files | None = None,
    is_synced: bool = True,
) -> LogStore:
    """Lock and open the log directories; with none, partitions are in memory.

    A new directory gets `cluster_id`, or a new one. `now_ms` is when the broker starts.
    `is_synced`: whether appends are synced before they are acknowledged; where they are not, what
    is recovered after a crash is not either.

    Errors: BlockingIOError if another process has a directory, StoreError if one belongs to another
    node or cluster, OSError.
    """
    if not log_dirs:
        return MemoryStore(now_ms=now_ms, cluster_id=cluster_id)
    # What is in memory needs none of that, and starts the sooner.
    from .disk_store import DiskStore
    from .os_files import OsFiles

    return DiskStore(
        files or OsFiles(),
        log_dirs,
        node_id=node_id,
        now_ms=now_ms,
        producer_expiration_ms=producer_expiration_ms,
        cluster_id=cluster_id,
        is_synced=is_synced,
    )
