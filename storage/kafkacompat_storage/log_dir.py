"""One log directory: the names of its partitions, its checkpoints, its mark of a clean shutdown."""

import json
import threading
from typing import Final, NamedTuple

from . import names
from .checkpoint import decode_offsets, encode_offsets, replace_file
from .files import Files
from .log import PartitionLog
from .names import TopicPartition


class Checkpoints(NamedTuple):
    """Offsets by partition, as the checkpoints will say."""

    log_starts: dict[TopicPartition, int]
    high_watermarks: dict[TopicPartition, int]
    recovery_points: dict[TopicPartition, int]
    cleaned: dict[TopicPartition, int]
    number: int
    """Rises with every call: what was noted before never replaces what was noted later."""


_CHECKPOINT_NAMES: Final = (
    names.LOG_START_CHECKPOINT,
    names.HIGH_WATERMARK_CHECKPOINT,
    names.RECOVERY_POINT_CHECKPOINT,
    names.CLEANER_CHECKPOINT,
)


class LogDir:
    """What is known of a log directory without opening a partition.

    The mark of a clean shutdown is taken away on opening: whoever dies from here on was not clean.
    """

    def __init__(self, files: Files, path: str, directory_id: bytes = bytes(16)) -> None:
        self.path = path
        self.directory_id = directory_id
        self._files = files
        self.partitions: dict[TopicPartition, None] = {}
        self.futures: dict[TopicPartition, str] = {}
        """Folders of copies that were on their way here when the last process ended."""
        for name in files.listdir(path):
            self._note_folder(name)
        self.recovery_points = self._read(names.RECOVERY_POINT_CHECKPOINT)
        self.log_starts = self._read(names.LOG_START_CHECKPOINT)
        self.high_watermarks = self._read(names.HIGH_WATERMARK_CHECKPOINT)
        self.cleaned = self._read(names.CLEANER_CHECKPOINT)
        """Up to where each log was compacted; it may have gaps."""
        self._noted = self._newest_written = 0
        self._starts_noted = self._starts_durable = 0
        self._noting = threading.Lock()
        self._under_way: list[tuple[int, set[TopicPartition]]] = []
        """Numbers of what was noted and may not be written yet, and whom it speaks of."""
        noted = self.checkpoints()[:4]
        self._written = [encode_offsets(offsets) for offsets in noted]
        self._places_written = set[TopicPartition]().union(*noted)
        self._writing = threading.Lock()
        mark = f"{path}/{names.CLEAN_SHUTDOWN}"
        self.was_clean = not self.partitions or files.exists(mark)
        if files.exists(mark):
            files.unlink(mark)
            files.sync_directory(path)

    def _note_folder(self, name: str) -> None:
        place = names.parse_partition_folder(name)
        if names.is_deleted_folder(name):
            self._files.rmtree(f"{self.path}/{name}")
        elif (future := names.parse_future_folder(name)) is not None:
            self.futures[future] = f"{self.path}/{name}"
        elif place is not None and self._files.is_directory(f"{self.path}/{name}"):
            self.partitions[place] = None

    def folder(self, place: tuple[str, int]) -> str:
        """Return the path of a partition's folder."""
        return f"{self.path}/{names.partition_folder(*place)}"

    def add(self, place: TopicPartition) -> None:
        """Count a folder that was just made.

        A checkpoint that still speaks of a former partition of the name is written anew: after a
        crash it would be believed. May block then. Errors: OSError.
        """
        self.forget(place)
        if self._is_spoken_of(place):
            self.write(self.checkpoints())
        self.partitions[place] = None

    def _is_spoken_of(self, place: TopicPartition) -> bool:
        """Whether a checkpoint has a partition, or will when what is under way is written."""
        newest = self._newest_written
        for number, places in self._under_way:
            if number > newest and place in places:
                return True
        return place in self._places_written

    def forget(self, place: TopicPartition) -> None:
        """Count a folder no more; its checkpoints go with it."""
        self.partitions.pop(place, None)
        for offsets in (
            self.recovery_points,
            self.log_starts,
            self.high_watermarks,
            self.cleaned,
        ):
            offsets.pop(place, None)

    def bytes_to_recover(self, place: TopicPartition) -> int:
        """Return the size of the segments that recovery must look at."""
        point = self.recovery_points.get(place, 0)
        folder = self.folder(place)
        bases = names.offsets_of(self._files.listdir(folder), names.LOG)
        first = max((base for base in bases if base < point), default=0)
        found = [names.offset_file(base, names.LOG) for base in bases if base >= first]
        return sum(self._files.size(f"{folder}/{name}") for name in found)

    def note(self, place: TopicPartition, log: PartitionLog, *, closed: bool = False) -> None:
        """Note where a log is; one that was closed cleanly is durable to its end."""
        self.recovery_points[place] = log.end_offset if closed else log.recovery_point
        self.high_watermarks[place] = log.high_watermark
        if log.log_start_offset > 0:
            self.log_starts[place] = log.log_start_offset

    def expect(self, place: TopicPartition, log: PartitionLog) -> None:
        """Note a log that is about to come here: what a crash then believes of it is true.

        May block. Errors: OSError.
        """
        is_spoken_of = self._is_spoken_of(place)
        self.note(place, log)
        self.write(self.checkpoints(), log_starts_only=not is_spoken_of)

    def checkpoints(self) -> Checkpoints:
        """Return what the checkpoints should say now. Any thread."""
        with self._noting:
            self._noted += 1
            log_starts, high_watermarks = dict(self.log_starts), dict(self.high_watermarks)
            recovery_points, cleaned = dict(self.recovery_points), dict(self.cleaned)
            places = {*log_starts, *high_watermarks, *recovery_points, *cleaned}
            newest = self._newest_written
            self._under_way = [each for each in self._under_way if each[0] > newest]
            self._under_way.append((self._noted, places))
            number = self._noted
            return Checkpoints(log_starts, high_watermarks, recovery_points, cleaned, number)

    def note_start(self, place: TopicPartition, offset: int) -> None:
        """Note where a log begins from now on."""
        self.log_starts[place] = offset
        self._starts_noted += 1

    def make_starts_durable(self) -> None:
        """Write down where logs begin, if anything was noted since. May block; any thread.

        On a full disk it is not written: removing what is before is what makes room.
        """
        noted = self._starts_noted
        if noted > self._starts_durable:
            try:
                self.write(self.checkpoints(), log_starts_only=True)
            except OSError:
                return
            self._starts_durable = noted

    def write(self, checkpoints: Checkpoints, *, log_starts_only: bool = False) -> None:
        """Write the checkpoints that changed. May block; any thread. Errors: OSError."""
        with self._writing:
            if checkpoints.number < self._newest_written:
                return
            count = 1 if log_starts_only else len(_CHECKPOINT_NAMES)
            places = self._places_written.copy() if log_starts_only else set[TopicPartition]()
            for number in range(count):
                offsets = checkpoints[number]
                assert isinstance(offsets, dict)
                places.update(offsets)
                content = encode_offsets(offsets)
                if content != self._written[number]:
                    name = _CHECKPOINT_NAMES[number]
                    replace_file(self._files, f"{self.path}/{name}", content)
                    self._written[number] = content
            self._places_written = places
            self._newest_written = checkpoints.number

    def mark_clean(self, broker_epoch: int) -> None:
        """Tell the next start, ours or Kafka's, that nothing needs to be checked. May block.

        Kafka believes it only with the epoch in which the broker was registered last.
        """
        content = json.dumps({"version": 0, "brokerEpoch": broker_epoch}, separators=(",", ":"))
        replace_file(self._files, f"{self.path}/{names.CLEAN_SHUTDOWN}", content.encode())

    def _read(self, name: str) -> dict[TopicPartition, int]:
        return decode_offsets(self._files.read_file(f"{self.path}/{name}"))
