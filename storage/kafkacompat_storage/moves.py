"""Partitions on their way to another log directory of the same broker.

A partition goes on in its old place while it is copied into a `-future` folder of the new one, as
Kafka names it. Then, at a moment when all that was appended is durable and copied, the old folder
is renamed to `-delete` and the copy takes its name. What a crash leaves:

    before the first rename    both; the copy is thrown away, and the move begins anew
    between the two            the copy alone, and the metadata say that the partition is there: it
                               is renamed on the next start (`Moves.settle`)
    after the second           the new place

The caller notes the new place in the metadata, durably, just before `Move.finish`.

Spec: KIP-113 (moving replicas between log directories), KIP-858 (directories in the metadata).
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from kafkacompat_protocol.errors import ErrorCode, KafkaError

from . import names
from .directory_ids import random_uuid
from .files import Files
from .folder import FileFolder
from .log import PartitionLog
from .log_dir import LogDir
from .names import TopicPartition
from .segments import Segment

_ROUND_BYTES: Final = 64 << 20
"""Bytes copied before the owner looks again at what there is."""
_STEP_BYTES: Final = 4 << 20
"""Bytes copied before a thread looks whether it should go on."""
_NEAR_BYTES: Final = 64 << 10
"""Bytes that may be left for the moment when the copy takes over."""
_MOST_PATIENCE: Final = 6
_PREFERENCES_LIMIT: Final = 10_000
_SEGMENT_SUFFIXES: Final = names.SEGMENT_FILES


class Piece(NamedTuple):
    """Bytes of a segment to be copied; if it is sealed and these are the last, its indexes too."""

    segment: Segment
    position: int
    end: int
    next_offset: int
    with_indexes: bool


class Move:
    """One partition's move. Called by the owner of its log, except `copy`."""

    def __init__(
        self, files: Files, log: PartitionLog, source: LogDir, target: LogDir, folder: str
    ) -> None:
        self.log = log
        self.place = TopicPartition(log.topic, log.partition)
        self.target = target
        self.folder = folder
        self.is_over = False
        """Finished, or given up."""
        self._files = files
        self._source = source
        self._copied: dict[Segment, int] = {}
        self._finished: set[Segment] = set()
        """Sealed, and copied with their indexes."""
        self._next_offset = log.log_start_offset

    # --- copying

    @property
    def size_bytes(self) -> int:
        """Bytes of batches that are copied."""
        return sum(self._copied.values())

    @property
    def offset_lag(self) -> int:
        """How many offsets the copy is behind."""
        return max(0, self.log.end_offset - self._next_offset)

    def plan(self) -> list[Piece]:
        """Return what is durable and not copied yet, as much as one round takes."""
        high_watermark, stable, position = self.log.stable
        pieces: list[Piece] = []
        room = _ROUND_BYTES
        for segment in self.log.segments:
            end = position if segment is stable else segment.size
            next_offset = high_watermark if segment is stable else segment.next_offset
            if end > self._at(segment) + room:
                end, next_offset = self._at(segment) + room, segment.base_offset
            if room > 0 and segment not in self._finished:
                pieces += self._piece(segment, end, next_offset)
                room -= end - self._at(segment)
            if segment is stable:
                break
        return pieces

    def _at(self, segment: Segment) -> int:
        return self._copied.get(segment, 0)

    def _piece(self, segment: Segment, end: int, next_offset: int) -> list[Piece]:
        at = self._at(segment)
        is_whole = segment is not self.log.active and end == segment.size
        if at == end and segment in self._copied and not is_whole:
            return []
        return [Piece(segment, at, end, next_offset, is_whole)]

    @staticmethod
    def is_little(pieces: Sequence[Piece], patience: int = 0) -> bool:
        """Whether so little is left that it can be copied while everything else waits.

        That is more, up to a limit, the longer it is tried (`patience` rises by one each time).
        """
        left = sum(piece.end - piece.position for piece in pieces)
        return left <= _NEAR_BYTES << min(patience, _MOST_PATIENCE)

    def copy(self, pieces: Sequence[Piece]) -> None:
        """Copy, and make the copies durable. May block; any thread. Errors: OSError."""
        for piece in pieces:
            try:
                self._copy_piece(piece)
            except FileNotFoundError:
                pass  # Removed meanwhile, as its records are; `finish` finds out otherwise.
        self._copy_small_files()
        self._files.sync_directory(self.folder)

    def _copy_piece(self, piece: Piece) -> None:
        path, *indexes = piece.segment.paths()
        target = self._target_of(path)
        at = piece.position
        while not self.is_over:
            size = min(_STEP_BYTES, piece.end - at)
            self._files.copy(path, target, at, size)
            at += size
            if at == piece.end:
                break
        self._files.open(target).sync()
        for index in indexes if piece.with_indexes else ():
            if self._files.exists(index):
                self._copy_small(index)

    def _target_of(self, path: str) -> str:
        return f"{self.folder}/{path.rpartition('/')[2]}"

    def _copy_small_files(self) -> None:
        """Copy snapshots, epochs and whatever else is there, unless the copy is the same."""
        old = self._source.folder(self.place)
        for name in self._files.listdir(old):
            parsed = names.parse_offset_file(name)
            if parsed is not None and parsed[1] in _SEGMENT_SUFFIXES:
                continue
            if not name.endswith((names.TEMPORARY, names.DELETED)):
                self._copy_small(f"{old}/{name}")

    def _copy_small(self, path: str) -> None:
        content = self._files.read_file(path)
        target = self._target_of(path)
        if content is not None and content != self._files.read_file(target):
            self._files.write_file(target, content, sync=True)

    def note(self, pieces: Sequence[Piece]) -> None:
        """Count what `copy` has copied."""
        for piece in pieces:
            self._copied[piece.segment] = piece.end
            if piece.with_indexes:
                self._finished.add(piece.segment)
            self._next_offset = max(self._next_offset, piece.next_offset)
        for segment in [each for each in self._copied if each not in self.log.segments]:
            del self._copied[segment]
            self._finished.discard(segment)

    # --- taking over

    def finish(self) -> str:
        """Have the copy take over, and return what is left to be removed. Owner only.

        Everything appended must be durable. Blocks for a few syncs. The log's segments stay the
        same objects, so that readers and writers do not notice.

        Errors: OSError, and the partition is where it was; or, if not even that can be said, its
        log takes no more appends.
        """
        if self.log.refusal is not None or self.log.high_watermark != self.log.end_offset:
            raise OSError("the log is not at rest")
        pieces = [
            Piece(each, self._at(each), each.size, each.next_offset, each is not self.log.active)
            for each in self.log.segments
            if each not in self._finished
        ]
        self.copy(pieces)
        self.note(pieces)
        self._remove_surplus()
        self._check()
        self._files.sync_directory(self.folder)
        self._files.sync_directory(self.target.path)  # Or there is nothing to be renamed.
        if self.place in self._source.cleaned:
            self.target.cleaned[self.place] = self._source.cleaned[self.place]
        self.target.expect(self.place, self.log)
        return self._swap()

    def _remove_surplus(self) -> None:
        """Remove copies of what is no more."""
        kept = {path for segment in self.log.segments for path in segment.paths()}
        old = self._source.folder(self.place)
        for name in self._files.listdir(self.folder):
            parsed = names.parse_offset_file(name)
            is_segments = parsed is not None and parsed[1] in _SEGMENT_SUFFIXES
            path = f"{old}/{name}"
            if path not in kept if is_segments else not self._files.exists(path):
                self._files.unlink(f"{self.folder}/{name}")

    def _check(self) -> None:
        for segment in self.log.segments:
            if self._files.size(self._target_of(segment.paths()[0])) != segment.size:
                raise OSError(f"the copy of segment {segment.base_offset} is not whole")

    def _swap(self) -> str:
        old, new = self._source.folder(self.place), self.target.folder(self.place)
        gone = f"{self._source.path}/{names.deleted_folder(*self.place, random_uuid().hex())}"
        self._files.rename(old, gone)
        try:
            self._files.sync_directory(self._source.path)
            self._files.rename(self.folder, new)
        except OSError as error:
            self.target.forget(self.place)
            self._swap_back(gone, old, error)
            raise
        self.is_over = True
        self._source.forget(self.place)
        self.target.partitions[self.place] = None
        assert isinstance(self.log.folder, FileFolder)
        self.log.folder.relocate(new)
        for segment in self.log.segments:
            segment.relocate(new)
        try:
            self._files.sync_directory(self.target.path)
        except OSError as error:
            self.log.refusal = KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, str(error))
        return gone

    def _swap_back(self, gone: str, old: str, error: OSError) -> None:
        try:
            self._files.rename(gone, old)
        except OSError:
            self.log.refusal = self.log.fault = KafkaError(
                ErrorCode.KAFKA_STORAGE_ERROR, str(error)
            )


class Moves:
    """The moves of a broker, and where partitions that do not exist yet would rather be."""

    def __init__(
        self,
        files: Files,
        dirs: Sequence[LogDir],
        later: Callable[[Callable[[], None]], None],
    ) -> None:
        self.under_way: dict[TopicPartition, Move] = {}
        self.preferred: dict[tuple[str, int], bytes] = {}
        """Ids of directories, for partitions to come."""
        self._files = files
        self._dirs = dirs
        self._later = later

    def begin(self, log: PartitionLog, path: str) -> Move | None:
        """Begin to move a partition to a log directory; None if it is there, or on its way there.

        A move to anywhere else is given up.

        Errors: LOG_DIR_NOT_FOUND, INVALID_TOPIC_EXCEPTION for a name that leaves no room for a
        folder's, KAFKA_STORAGE_ERROR.
        """
        place = TopicPartition(log.topic, log.partition)
        target = self.directory(path)
        folder = self.future_folder(place, target)
        before = self.under_way.get(place)
        if before is not None and before.target is target:
            return None
        self.give_up(place)
        source = next((each for each in self._dirs if place in each.partitions), target)
        if source is target:
            return None
        try:
            self._files.mkdir(folder)
        except OSError as error:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, str(error)) from error
        move = self.under_way[place] = Move(self._files, log, source, target, folder)
        return move

    def prefer(self, place: TopicPartition, path: str) -> None:
        """Note where a partition should be that does not exist yet. Errors: as `begin`."""
        target = self.directory(path)
        self.future_folder(place, target)
        self.preferred.pop(place, None)
        self.preferred[place] = target.directory_id
        if len(self.preferred) > _PREFERENCES_LIMIT:
            del self.preferred[next(iter(self.preferred))]

    def directory(self, path: str) -> LogDir:
        """Return a log directory. Errors: LOG_DIR_NOT_FOUND."""
        for log_dir in self._dirs:
            if log_dir.path == path:
                return log_dir
        raise KafkaError(ErrorCode.LOG_DIR_NOT_FOUND)

    @staticmethod
    def future_folder(place: TopicPartition, target: LogDir) -> str:
        """Return a new path for a copy. Errors: INVALID_TOPIC_EXCEPTION."""
        name = names.future_folder(*place, random_uuid().hex())
        if name is None:
            raise KafkaError(ErrorCode.INVALID_TOPIC_EXCEPTION, "The topic name is too long.")
        return f"{target.path}/{name}"

    def finish(self, move: Move) -> None:
        """As `Move.finish`; what is left is removed by the next sweep. Errors: OSError."""
        gone = move.finish()
        self.under_way.pop(move.place, None)
        self._later(lambda: self._files.rmtree(gone))

    def give_up(self, place: TopicPartition) -> None:
        """Stop a partition's move, if there is one, and have its copy removed by the next sweep."""
        move = self.under_way.pop(place, None)
        if move is not None:
            move.is_over = True
            self._retire(place, move.target, move.folder)

    def _retire(self, place: TopicPartition, log_dir: LogDir, folder: str) -> None:
        gone = f"{log_dir.path}/{names.deleted_folder(*place, random_uuid().hex())}"
        try:
            self._files.rename(folder, gone)
        except OSError:
            return  # The next start finds it, and removes it.
        self._later(lambda: self._files.rmtree(gone))

    def close(self) -> None:
        """Stop all moves, leaving an empty folder of each, so that the next start begins it anew.

        Errors: OSError.
        """
        for place, move in list(self.under_way.items()):
            self.give_up(place)
            self._files.mkdir(move.folder)

    def settle(
        self, is_there: Callable[[TopicPartition, bytes], bool]
    ) -> list[tuple[TopicPartition, str]]:
        """Finish or clear away what was on its way when the last process ended.

        `is_there` says whether the metadata have a partition in a directory of this id. Return the
        partitions that were to be moved, and where to. Errors: OSError.
        """
        wanted: list[tuple[TopicPartition, str]] = []
        for log_dir in self._dirs:
            for place, folder in log_dir.futures.items():
                if any(place in each.partitions for each in self._dirs):
                    self._retire(place, log_dir, folder)
                    wanted.append((place, log_dir.path))
                elif is_there(place, log_dir.directory_id):
                    self._files.rename(folder, log_dir.folder(place))
                    self._files.sync_directory(log_dir.path)
                    log_dir.partitions[place] = None
            log_dir.futures.clear()
        return wanted
