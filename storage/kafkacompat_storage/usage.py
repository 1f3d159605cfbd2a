"""What is in which log directory: replicas with their sizes, and the space that is left."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from . import names
from .files import Files
from .log import PartitionLog
from .log_dir import LogDir
from .moves import Move
from .names import TopicPartition


class ReplicaUse(NamedTuple):
    """A partition's replica. `offset_lag` is how far a future replica is behind the present one."""

    place: TopicPartition
    size_bytes: int
    offset_lag: int = 0
    is_future: bool = False


@dataclass(slots=True)
class DirUse:
    """A log directory; the size of what it is on is -1 where there is no saying."""

    path: str
    replicas: list[ReplicaUse]
    total_bytes: int = -1
    usable_bytes: int = -1
    is_readable: bool = True


def replica_use(log: PartitionLog) -> ReplicaUse:
    """Return what an open log uses."""
    return ReplicaUse(TopicPartition(log.topic, log.partition), log.size_bytes)


def future_use(move: Move) -> ReplicaUse:
    """Return what the copy of a partition that is being moved uses."""
    return ReplicaUse(move.place, move.size_bytes, move.offset_lag, True)


def size_of_folder(files: Files, folder: str) -> int:
    """Return the bytes of a partition's batches, by its files. May block. Errors: OSError."""
    found = [name for name in files.listdir(folder) if name.endswith(names.LOG)]
    return sum(files.size(f"{folder}/{name}") for name in found)


def prepare_usage(
    files: Files,
    dirs: Sequence[LogDir],
    logs: Mapping[TopicPartition, PartitionLog],
    moves: Iterable[Move] = (),
) -> Callable[[], list[DirUse]]:
    """Note what is open; the function returned looks at the rest, and may block, in any thread."""
    known: list[tuple[LogDir, list[ReplicaUse], list[TopicPartition]]] = []
    futures = [(each.target, future_use(each)) for each in moves]
    for log_dir in dirs:
        opened = [replica_use(logs[place]) for place in log_dir.partitions if place in logs]
        closed = [place for place in log_dir.partitions if place not in logs]
        opened += [use for target, use in futures if target is log_dir]
        known.append((log_dir, opened, closed))
    return lambda: [_use_of(files, *each) for each in known]


def _size_if_there(files: Files, log_dir: LogDir, place: TopicPartition) -> int | None:
    """Return a partition's size, None if it was removed meanwhile. Errors: OSError."""
    try:
        return size_of_folder(files, log_dir.folder(place))
    except FileNotFoundError:
        if place in log_dir.partitions:
            raise
        return None


def _use_of(
    files: Files, log_dir: LogDir, opened: list[ReplicaUse], closed: list[TopicPartition]
) -> DirUse:
    use = DirUse(log_dir.path, opened)
    try:
        for place in closed:
            size = _size_if_there(files, log_dir, place)
            use.replicas += [ReplicaUse(place, size)] if size is not None else []
        use.total_bytes, use.usable_bytes = files.space(log_dir.path)
    except OSError:
        use.is_readable = False
    return use
