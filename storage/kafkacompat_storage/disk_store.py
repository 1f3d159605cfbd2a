"""Partitions on disk: log directories, their locks and identity, and what is opened of them."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final

from kafkacompat_protocol.errors import ErrorCode, KafkaError

from . import names
from .checkpoint import decode_properties, replace_files
from .directory_ids import decode_id, encode_id, is_misread, random_uuid
from .files import Files, Lock
from .folder import FileFolder, Pending
from .identity import identify
from .later import Later
from .log import AppendRules, PartitionLog
from .log_dir import LogDir
from .moves import Moves
from .names import TopicPartition
from .recovery import Opening, Progress, open_log
from .syncing import Syncer
from .usage import DirUse, prepare_usage, size_of_folder

_RECOVERED_AT_A_TIME: Final = 1000
"""Logs that are recovered before they are made durable together."""


class DiskStore:
    """Partitions in folders of one or more log directories, laid out as Apache Kafka's."""

    opens_at_once = False

    def __init__(
        self,
        files: Files,
        log_dirs: Sequence[str],
        *,
        node_id: int,
        now_ms: int,
        producer_expiration_ms: int = 86_400_000,
        cluster_id: str | None = None,
        is_synced: bool = True,
    ) -> None:
        self.files = files
        self._is_synced = is_synced
        self.log_dirs = list(log_dirs)
        self._now_ms = now_ms
        self.producer_expiration_ms = producer_expiration_ms
        self._locks: list[Lock] = []
        self._dirs: list[LogDir] = []
        self._logs: dict[TopicPartition, PartitionLog] = {}
        self._faults: dict[TopicPartition, KafkaError] = {}
        self._recovered: set[TopicPartition] = set()
        self._unsynced: dict[TopicPartition, int] = {}
        """Recovery points of what was recovered but not synced, and is not open yet."""
        self._later = Later()
        self.file_delete_delay_ms = 0
        try:
            for path in self.log_dirs:
                self._make_dir(path)
                self._locks.append(self.files.lock(f"{path}/{names.LOCK}"))
            self.cluster_id, ids = identify(self.files, self.log_dirs, node_id, cluster_id)
            self._dirs = [LogDir(self.files, path, ids[path]) for path in self.log_dirs]
            self.directories = {ids[path]: path for path in self.log_dirs}
            self.directory_id = ids[self.log_dirs[0]]
            self.moves = Moves(self.files, self._dirs, self._later.add)
        except BaseException:
            self._release()
            raise

    # --- the directories

    def _make_dir(self, path: str) -> None:
        if self.files.is_directory(path):
            return
        self.files.mkdir(path)
        try:
            self.files.sync_directory(path.rpartition("/")[0] or "/")
        except OSError:
            pass  # Not ours to read.

    def _release(self) -> None:
        for lock in self._locks:
            lock.release()
        self._locks.clear()
        self.files.close()

    @property
    def was_clean(self) -> bool:
        """Whether the directories were closed cleanly (or are new)."""
        return all(log_dir.was_clean for log_dir in self._dirs)

    def partitions(self) -> list[TopicPartition]:
        return [place for log_dir in self._dirs for place in log_dir.partitions]

    def topic_ids(self) -> dict[TopicPartition, bytes | None]:
        """Return the topic ids in the folders' partition.metadata. Reads one file per folder."""
        return {
            place: self._read_topic_id(log_dir.folder(place))
            for log_dir in self._dirs
            for place in log_dir.partitions
        }

    def opened(self) -> list[PartitionLog]:
        return list(self._logs.values())

    def folder_of(self, topic: str, partition: int) -> str:
        return self._dir_of(TopicPartition(topic, partition)).folder((topic, partition))

    def log_dir_of(self, topic: str, partition: int) -> str:
        return self._dir_of(TopicPartition(topic, partition)).path

    def size_of(self, topic: str, partition: int) -> int:
        place = TopicPartition(topic, partition)
        log = self._logs.get(place)
        if log is not None:
            return log.size_bytes
        log_dir = self._dir_of(place)
        if place not in log_dir.partitions:
            return 0
        folder = log_dir.folder(place)
        return size_of_folder(self.files, folder)

    def cleaned_to(self, topic: str, partition: int) -> int | None:
        place = TopicPartition(topic, partition)
        return self._dir_of(place).cleaned.get(place)

    def note_cleaned(self, topic: str, partition: int, offset: int) -> None:
        place = TopicPartition(topic, partition)
        if place in (log_dir := self._dir_of(place)).partitions:
            log_dir.cleaned[place] = offset

    def prepare_usage(self) -> Callable[[], list[DirUse]]:
        return prepare_usage(self.files, self._dirs, self._logs, self.moves.under_way.values())

    def _dir_of(self, place: TopicPartition, directory_id: bytes | None = None) -> LogDir:
        """Return the directory a partition is in.

        One that is in none goes to that of the id, or where the fewest are.
        """
        for log_dir in self._dirs:
            if place in log_dir.partitions:
                return log_dir
        for log_dir in self._dirs:
            if log_dir.directory_id == directory_id:
                return log_dir
        return min(self._dirs, key=lambda log_dir: len(log_dir.partitions))

    # --- partitions

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
        if log is not None and log.topic_id == topic_id:
            log.rules = rules
            return log
        if place in self._faults:
            raise self._faults[place]
        log_dir = self._dir_of(place, directory_id)
        try:
            folder, is_new = self._folder(log_dir, place, topic_id)
            opening = self._opening(log_dir, place, rules, is_new=is_new)
            opening.topic_id = topic_id
            opening.sync_later = not self._is_synced
            log = open_log(folder, opening)
            if leader_epoch is not None and log.leader_epoch > leader_epoch:
                where = f"{folder.path}: leader epoch {log.leader_epoch} is above {leader_epoch}"
                raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, where)
        except OSError as error:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, str(error)) from error
        except KafkaError as error:
            self._faults[place] = error
            raise
        self._logs[place] = log
        unsynced_from = self._unsynced.pop(place, opening.recovery_point)
        if unsynced_from is not None and not self._is_synced:
            log.note_unsynced(unsynced_from)
        return log

    def _opening(
        self, log_dir: LogDir, place: TopicPartition, rules: AppendRules, *, is_new: bool = False
    ) -> Opening:
        point = closed_at = None
        if not log_dir.was_clean and place not in self._recovered and not is_new:
            point = log_dir.recovery_points.get(place, 0)
        elif not is_new and (log_dir.was_clean or self._is_synced):
            closed_at = log_dir.recovery_points.get(place)
        return Opening(
            topic=place.topic,
            partition=place.partition,
            topic_id=None,
            rules=rules,
            now_ms=self._now_ms,
            log_start_offset=log_dir.log_starts.get(place, 0),
            recovery_point=point,
            closed_at=closed_at,
            cleaned_to=log_dir.cleaned.get(place, 0),
        )

    def _folder(
        self, log_dir: LogDir, place: TopicPartition, topic_id: bytes | None
    ) -> tuple[FileFolder, bool]:
        """Return a partition's folder, making it if it is new, and whether it is."""
        path = log_dir.folder(place)
        folder = self._file_folder(path, place)
        if place in log_dir.partitions:
            kept = self._read_topic_id(path)
            if kept is not None and topic_id is not None and is_misread(kept, topic_id):
                kept = None
            if kept is None or topic_id is None or kept == topic_id:
                if kept is None and topic_id is not None:
                    self._write_topic_id(folder, topic_id)
                return folder, False
            # A topic of that name that the metadata knows no more: out of the way, not deleted.
            self._set_aside(log_dir, place)
        self.files.mkdir(path)
        log_dir.add(place)
        self.moves.preferred.pop(place, None)
        if topic_id is not None:
            self._write_topic_id(folder, topic_id)
        return folder, True

    def _file_folder(self, path: str, place: TopicPartition) -> FileFolder:
        return FileFolder(self.files, path, self._later, partial(self._begin_later, place))

    def _begin_later(self, place: TopicPartition) -> Callable[[], None]:
        """Note that a log begins later; return what makes that durable, before segments go.

        Of what is removed, a crash may bring back any part.
        """
        if place not in self._logs:
            return lambda: None
        return self._note_log_start(place).make_starts_durable

    def _read_topic_id(self, path: str) -> bytes | None:
        content = self.files.read_file(f"{path}/{names.PARTITION_METADATA}")
        return decode_id(decode_properties(content).get("topic_id", ""))

    def _write_topic_id(self, folder: FileFolder, topic_id: bytes) -> None:
        path = f"{folder.path}/{names.PARTITION_METADATA}"
        content = f"version: 0\ntopic_id: {encode_id(topic_id)}\n".encode()
        self.files.write_file(path, content, sync=False)
        folder.note_unsynced([path])

    def delete(self, topic: str, partition: int, topic_id: bytes | None) -> None:
        place = TopicPartition(topic, partition)
        self.moves.give_up(place)  # first: what is left alone would pass for the partition
        log = self._logs.pop(place, None)
        if log is not None:
            log.delete()
        self._faults.pop(place, None)
        self._unsynced.pop(place, None)
        log_dir = self._dir_of(place)
        if place not in log_dir.partitions:
            return
        path = log_dir.folder(place)
        gone = f"{log_dir.path}/{names.deleted_folder(topic, partition, random_uuid().hex())}"
        try:
            self.files.rename(path, gone)
        except OSError as error:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, str(error)) from error
        log_dir.forget(place)
        self._later.add(partial(self.files.rmtree, gone), self.file_delete_delay_ms)

    def topic_id_of(self, topic: str, partition: int) -> bytes | None:
        return self._read_topic_id(self.folder_of(topic, partition))

    def set_aside(self, topic: str, partition: int) -> None:
        place = TopicPartition(topic, partition)
        log = self._logs.pop(place, None)
        if log is not None:
            log.delete()
        self._faults.pop(place, None)
        self._unsynced.pop(place, None)
        try:
            self._set_aside(self._dir_of(place), place)
        except OSError as error:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, str(error)) from error

    def _set_aside(self, log_dir: LogDir, place: TopicPartition) -> None:
        stray = names.stray_folder(*place, random_uuid().hex())
        self.files.rename(log_dir.folder(place), f"{log_dir.path}/{stray}")
        log_dir.forget(place)

    # --- all of them

    def _unrecovered(self) -> list[tuple[LogDir, TopicPartition]]:
        return [
            (log_dir, place)
            for log_dir in self._dirs
            if not log_dir.was_clean
            for place in log_dir.partitions
            if place not in self._recovered and place not in self._logs
        ]

    def recover(
        self,
        progress: Progress | None = None,
        *,
        at_least_bytes: int = 0,
        at_most_logs: int = sys.maxsize,
        is_compacted: Callable[[str], bool] = lambda topic: True,
    ) -> list[str]:
        found: list[str] = []
        left = self._unrecovered()
        todo, sizes = [], []
        for log_dir, place in left if len(left) <= at_most_logs else ():
            try:
                size = log_dir.bytes_to_recover(place)
            except OSError as error:
                found.append(self._quarantine(log_dir.folder(place), place, error))
                continue
            if size >= at_least_bytes:
                todo.append((log_dir, place))
                sizes.append(size)
        done, total = 0, sum(sizes)
        for first in range(0, len(todo), _RECOVERED_AT_A_TIME):
            logs = []
            for number in range(first, min(first + _RECOVERED_AT_A_TIME, len(todo))):
                if progress is not None:
                    progress(done, total)
                rules = AppendRules(compacted=is_compacted(todo[number][1].topic))
                log = self._recover_one(*todo[number], rules, found)
                logs += [log] if log is not None else []
                done += sizes[number]
            self._recovered |= self._close_all(logs, sync=self._is_synced)
        if progress is not None and todo:
            progress(total, total)
        return found

    def _recover_one(
        self, log_dir: LogDir, place: TopicPartition, rules: AppendRules, found: list[str]
    ) -> PartitionLog | None:
        opening = self._opening(log_dir, place, rules)
        opening.sync_later = True
        folder = self._file_folder(log_dir.folder(place), place)
        try:
            log = open_log(folder, opening)
        except (OSError, KafkaError) as error:
            opening.notes.append(self._quarantine(folder.path, place, error))
            log = None
        found += opening.notes
        return log

    def _open_unsynced(self) -> None:
        """Open what was recovered and not used since, so that a clean end makes it durable."""
        for place in list(self._unsynced):
            try:
                self.open(*place, self.topic_id_of(*place), AppendRules(compacted=True))
            except KafkaError:
                pass  # It stays among the unsynced: nothing is marked clean.

    def _quarantine(self, path: str, place: TopicPartition, error: Exception) -> str:
        """Have a partition not opened in this run, and nothing marked clean; return what to log."""
        self._faults[place] = KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, str(error))
        return f"{path}: quarantined: {error}"

    def _close_all(self, logs: Iterable[PartitionLog], *, sync: bool) -> set[TopicPartition]:
        """Close logs and, with `sync`, make them durable together; return those that are closed.

        May block.
        """
        pendings: list[Pending] = []
        contents: list[tuple[str, bytes]] = []
        places: list[TopicPartition] = []
        closed: dict[TopicPartition, PartitionLog] = {}
        for log in logs:
            if log.refusal is None and log.fault is None:
                try:
                    pendings.append(log.prepare_close())
                except OSError:
                    log.refusal = KafkaError(ErrorCode.KAFKA_STORAGE_ERROR)
                    continue
                contents += log.take_epochs()
                places.append(TopicPartition(log.topic, log.partition))
                closed[places[-1]] = log
        if sync:
            syncer = Syncer()
            for number in syncer.sync(pendings):
                closed.pop(places[number], None)
            syncer.close()
        try:
            replace_files(self.files, contents, sync=sync)
        except OSError:
            closed.clear()
        for place, log in closed.items():
            log_dir = self._dir_of(place)
            if sync:
                log_dir.note(place, log, closed=True)
            else:
                self._unsynced[place] = log_dir.recovery_points.get(place, 0)
        for log in logs:
            log.close(clean=False)
        return set(closed)

    def prepare_log_starts(self, places: Iterable[TopicPartition]) -> Callable[[], None]:
        changed = dict.fromkeys(self._note_log_start(place) for place in places)
        contents = [(log_dir, log_dir.checkpoints()) for log_dir in changed]

        def write() -> None:
            for log_dir, checkpoints in contents:
                log_dir.write(checkpoints, log_starts_only=True)

        return write

    def _note_log_start(self, place: TopicPartition) -> LogDir:
        log_dir = self._dir_of(place)
        log_dir.note_start(place, self._logs[place].log_start_offset)
        return log_dir

    def prepare_checkpoint(self) -> Callable[[], None]:
        return self._prepare_checkpoint(self._logs, self._dirs)

    def prepare_checkpoint_of(self, topic: str, partition: int) -> Callable[[], None]:
        place = TopicPartition(topic, partition)
        logs = {place: self._logs[place]} if place in self._logs else {}
        return self._prepare_checkpoint(logs, [self._dir_of(place)])

    def _prepare_checkpoint(
        self, logs: Mapping[TopicPartition, PartitionLog], log_dirs: Sequence[LogDir]
    ) -> Callable[[], None]:
        jobs: list[Callable[[], None]] = []
        epochs: list[tuple[str, bytes]] = []
        for place, log in logs.items():
            if log.refusal is None and log.fault is None:
                log.producers.expire(log.last_append_ms, self.producer_expiration_ms)
                job = log.prepare_checkpoint()
                jobs += [job] if job is not None else []
                epochs += log.take_epochs()
                self._dir_of(place).note(place, log)
        contents = [(log_dir, log_dir.checkpoints()) for log_dir in log_dirs]

        def write() -> None:
            for job in jobs:
                job()
            replace_files(self.files, epochs)
            for log_dir, checkpoints in contents:
                log_dir.write(checkpoints)

        return write

    def checkpoint(self) -> None:
        self.prepare_checkpoint()()

    def sweep(self, now_ms: int) -> int | None:
        return self._later.sweep(now_ms)

    def close(self, clean: bool, broker_epoch: int = -1) -> None:
        try:
            if not clean:
                for log in self._logs.values():
                    log.close(clean=False)
                return
            self.moves.close()
            self._open_unsynced()
            is_whole = not (self._unrecovered() or self._unsynced or self._faults)
            closed = self._close_all(self._logs.values(), sync=True)
            self._later.finish()
            for log_dir in self._dirs:
                log_dir.write(log_dir.checkpoints())
                if len(closed) == len(self._logs) and is_whole:
                    log_dir.mark_clean(broker_epoch)
        finally:
            self._logs.clear()
            self._release()
