"""All partitions in memory: no file on the way of a record."""

import sys
from collections.abc import Callable, Iterable
from typing import Final

from . import names
from .directory_ids import new_id, random_uuid
from .files import Files
from .folder import MemoryFolder
from .leader_epochs import LeaderEpochs
from .log import AppendRules, PartitionLog
from .log_dir import LogDir
from .memory_files import MemoryFiles
from .memory_segment import MemorySegment
from .moves import Moves
from .names import TopicPartition
from .producer_state import ProducerState
from .recovery import Progress
from .segments import Segment
from .usage import DirUse, replica_use

MEMORY_DIR: Final = "/memory"


class MemoryStore:
    """Partitions in memory; they end with the process. Small files are in `files`."""

    opens_at_once = True

    def __init__(
        self, *, now_ms: int, cluster_id: str | None = None, files: MemoryFiles | None = None
    ) -> None:
        self._files = files or MemoryFiles()
        self.files: Files = self._files
        self.log_dirs = [MEMORY_DIR]
        self.files.mkdir(MEMORY_DIR)
        self.cluster_id = cluster_id or new_id()
        self.directory_id = random_uuid()
        self._now_ms = now_ms
        self.producer_expiration_ms = 86_400_000
        self.file_delete_delay_ms = 0
        self.directories = {self.directory_id: MEMORY_DIR}
        self.moves = Moves(self.files, [LogDir(self.files, MEMORY_DIR)], lambda work: work())
        self._logs: dict[TopicPartition, PartitionLog] = {}
        self._kept: dict[TopicPartition, PartitionLog] = {}
        """Of a copy: logs that nobody has opened since, shared with other copies."""
        self._known: object | None = None
        self._cleaned: dict[TopicPartition, int] = {}

    def copy(self) -> "MemoryStore":
        """Return another store with the same content, of which all must be settled.

        Batches are shared, as they do not change, and logs until they are opened. The copy has
        the same identity.
        """
        contents = {path: bytearray(kept) for path, kept in self._files.contents.items()}
        files = MemoryFiles(contents, set(self._files.folders))
        made = MemoryStore(now_ms=self._now_ms, cluster_id=self.cluster_id, files=files)
        made.directory_id, made.directories = self.directory_id, dict(self.directories)
        made.producer_expiration_ms = self.producer_expiration_ms
        made._kept = self._kept | {place: _copied(log) for place, log in self._logs.items()}
        made._cleaned = dict(self._cleaned)
        made._known = self._known
        return made

    def keep_known(self, known: object) -> None:
        """Keep what the content was found to mean, for whoever opens it next, here or in a copy."""
        self._known = known

    def take_known(self) -> object | None:
        """Return what was kept, once: from now on the content may change."""
        known, self._known = self._known, None
        return known

    def open(
        self,
        topic: str,
        partition: int,
        topic_id: bytes | None,
        rules: AppendRules,
        directory_id: bytes | None = None,
        leader_epoch: int | None = None,
    ) -> PartitionLog:
        place = TopicPartition(topic, partition)
        log = self._logs.get(place)
        if log is None and (kept := self._kept.pop(place, None)) is not None:
            log = self._logs[place] = _copied(kept)
        if log is not None and log.topic_id == topic_id:
            log.rules = rules
        else:
            folder = MemoryFolder()
            self._cleaned.pop(place, None)
            interval = rules.index_interval_bytes
            log = self._logs[place] = PartitionLog(
                topic,
                partition,
                topic_id,
                rules=rules,
                folder=folder,
                segments=[folder.new_segment(0, self._now_ms, interval)],
                epochs=LeaderEpochs(),
                producers=ProducerState(),
            )
            self.files.mkdir(self.folder_of(topic, partition))
        return log

    def delete(self, topic: str, partition: int, topic_id: bytes | None) -> None:
        place = TopicPartition(topic, partition)
        self._kept.pop(place, None)
        log = self._logs.pop(place, None)
        if log is not None:
            log.delete()
        self.files.rmtree(self.folder_of(topic, partition))

    def topic_id_of(self, topic: str, partition: int) -> bytes | None:
        log = self._log(topic, partition)
        return None if log is None else log.topic_id

    def set_aside(self, topic: str, partition: int) -> None:
        """There is no aside here."""
        self.delete(topic, partition, None)

    def partitions(self) -> list[TopicPartition]:
        return [*self._logs, *self._kept]

    def opened(self) -> list[PartitionLog]:
        return list(self._logs.values())

    def folder_of(self, topic: str, partition: int) -> str:
        return f"{MEMORY_DIR}/{names.partition_folder(topic, partition)}"

    def size_of(self, topic: str, partition: int) -> int:
        log = self._log(topic, partition)
        return 0 if log is None else log.size_bytes

    def log_dir_of(self, topic: str, partition: int) -> str:
        return MEMORY_DIR

    def cleaned_to(self, topic: str, partition: int) -> int | None:
        return self._cleaned.get(TopicPartition(topic, partition))

    def note_cleaned(self, topic: str, partition: int, offset: int) -> None:
        self._cleaned[TopicPartition(topic, partition)] = offset

    def prepare_usage(self) -> Callable[[], list[DirUse]]:
        logs = [*self._logs.values(), *self._kept.values()]
        found = DirUse(MEMORY_DIR, [replica_use(log) for log in logs])
        return lambda: [found]

    def recover(
        self,
        progress: Progress | None = None,
        *,
        at_least_bytes: int = 0,
        at_most_logs: int = sys.maxsize,
        is_compacted: Callable[[str], bool] = lambda topic: True,
    ) -> list[str]:
        return []

    def prepare_log_starts(self, places: Iterable[TopicPartition]) -> Callable[[], None]:
        return lambda: None

    def prepare_checkpoint(self) -> Callable[[], None]:
        return lambda: None

    def prepare_checkpoint_of(self, topic: str, partition: int) -> Callable[[], None]:
        return lambda: None

    def checkpoint(self) -> None:
        """Nothing to write down."""

    def sweep(self, now_ms: int) -> int | None:
        """Nothing waits to be removed."""
        return None

    def close(self, clean: bool, broker_epoch: int = -1) -> None:
        for log in self._logs.values():
            log.close(clean)
        self._logs.clear()
        self._kept.clear()

    def _log(self, topic: str, partition: int) -> PartitionLog | None:
        """Return a log to look at, opened or not."""
        place = TopicPartition(topic, partition)
        return self._logs.get(place) or self._kept.get(place)


def _copied(log: PartitionLog) -> PartitionLog:
    segments: list[Segment] = []
    for segment in log.segments:
        assert isinstance(segment, MemorySegment)
        segments.append(segment.copy())
    made = PartitionLog(
        log.topic,
        log.partition,
        log.topic_id,
        rules=log.rules,
        folder=MemoryFolder(),
        segments=segments,
        epochs=LeaderEpochs(list(log.epochs.starts)),
        producers=log.producers.copy(),
        log_start_offset=log.log_start_offset,
    )
    made.last_append_ms = log.last_append_ms
    return made
