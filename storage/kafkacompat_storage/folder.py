"""A partition's place: where its segments, snapshots and epochs are kept, or nowhere at all."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple, Protocol

from . import names
from .checkpoint import replace_file
from .files import File, Files
from .later import Later
from .leader_epochs import LeaderEpochs
from .memory_segment import MemorySegment
from .producer_snapshot import decode_snapshot, encode_snapshot, encode_windows
from .producer_state import Producer
from .segment import FileSegment
from .segments import Segment


class Pending(NamedTuple):
    """What of a log is being made durable: everything before `end_offset`.

    `files` are logs; `paths` are derived files, which may be gone by now; `folders` come first the
    partition's, then the one that holds it.
    """

    end_offset: int
    segment: Segment
    position: int
    storage: Files | None
    files: list[File]
    paths: list[str]
    folders: list[str]


class Folder(Protocol):
    """What a partition's log asks of its place."""

    @property
    def files(self) -> Files | None:
        """What its files are in, None if there are none."""

    def new_segment(self, base_offset: int, now_ms: int, index_interval: int) -> Segment:
        """Make an empty segment."""

    def write_snapshot(self, offset: int, producers: dict[int, Producer]) -> None:
        """Keep the state that producers have before `offset`."""

    def latest_snapshot(self, at_most: int) -> tuple[int, dict[int, Producer]] | None:
        """Return the last snapshot that is not above `at_most`."""

    def epochs_file(self, epochs: LeaderEpochs) -> list[tuple[str, bytes]]:
        """Return the file (path, content) that keeps the leader epochs, to be replaced."""

    def discard(self, segments: list[Segment], snapshots_below: int, delay_ms: int = 0) -> None:
        """Have segments and older snapshots removed, once newer snapshots are durable.

        The segments lie there for `delay_ms` more, under names that say that they are deleted.
        """

    def make_durable(self) -> None:
        """Sync the names of the folder and of what is in it. May block."""

    def take_unsynced(self) -> tuple[list[str], list[str]]:
        """Return (files, folders) to sync for what was made or changed, but for .log files."""

    def sync(self, pending: Pending, contents: Iterable[tuple[str, bytes]] = ()) -> None:
        """Make it durable, now and one file at a time, and replace files. May block."""


class MemoryFolder:
    """No place: everything is in memory and goes with it."""

    files = None

    def new_segment(self, base_offset: int, now_ms: int, index_interval: int) -> Segment:
        return MemorySegment(base_offset, now_ms)

    def write_snapshot(self, offset: int, producers: dict[int, Producer]) -> None:
        """Nothing to keep."""

    def latest_snapshot(self, at_most: int) -> tuple[int, dict[int, Producer]] | None:
        return None

    def epochs_file(self, epochs: LeaderEpochs) -> list[tuple[str, bytes]]:
        return []

    def discard(self, segments: list[Segment], snapshots_below: int, delay_ms: int = 0) -> None:
        """Nothing to remove."""

    def make_durable(self) -> None:
        """Nothing to sync."""

    def take_unsynced(self) -> tuple[list[str], list[str]]:
        return [], []

    def sync(self, pending: Pending, contents: Iterable[tuple[str, bytes]] = ()) -> None:
        """Nothing to sync."""


class FileFolder:
    """A folder of files. `later` takes work that may block, for another thread to do.

    `on_discard` is called when segments are to be removed; what it returns is done just before.
    """

    def __init__(
        self,
        files: Files,
        path: str,
        later: Later,
        on_discard: Callable[[], Callable[[], None]] = lambda: _nothing,
    ) -> None:
        self.files = files
        self.path = path
        self._later = later
        self._on_discard = on_discard
        self._unsynced: dict[str, None] = {}
        self._names_unsynced = False
        self._listing: list[str] | None = None
        self.replaced = 0
        """How often segments were replaced by others, to tell the old files apart."""

    def listing(self) -> list[str]:
        """Return the names in the folder, as they were when first asked for while opening."""
        if self._listing is None:
            self._listing = self.files.listdir(self.path)
        return self._listing

    def forget_listing(self) -> None:
        """Look again next time: names have changed, or the log is open."""
        self._listing = None

    def new_segment(self, base_offset: int, now_ms: int, index_interval: int) -> FileSegment:
        segment = self.segment(base_offset, now_ms, index_interval)
        segment.create()
        self._names_unsynced = True
        return segment

    def segment(self, base_offset: int, now_ms: int, index_interval: int) -> FileSegment:
        """Return a segment, still to be opened, over a file that exists."""
        return FileSegment(
            self.files,
            self.path,
            base_offset,
            created_ms=now_ms,
            index_interval=index_interval,
        )

    def write_snapshot(self, offset: int, producers: dict[int, Producer]) -> None:
        # The windows first: whoever finds the snapshot relies on them.
        if any(len(producer.window) > 1 for producer in producers.values()):
            self._write(names.offset_file(offset, names.PRODUCERS), encode_windows(producers))
        self._write(names.offset_file(offset, names.SNAPSHOT), encode_snapshot(producers))

    def latest_snapshot(self, at_most: int) -> tuple[int, dict[int, Producer]] | None:
        for offset in reversed(self.snapshots()):
            if offset > at_most:
                continue
            snapshot = self.files.read_file(self._path(offset, names.SNAPSHOT))
            windows = self.files.read_file(self._path(offset, names.PRODUCERS))
            producers = decode_snapshot(snapshot, windows)
            if producers is not None:
                return offset, producers
        return None

    def snapshots(self) -> list[int]:
        """Return the offsets of the snapshots there are, lowest first."""
        found = self._listing or self.files.listdir(self.path)
        return names.offsets_of(found, names.SNAPSHOT)

    def epochs_file(self, epochs: LeaderEpochs) -> list[tuple[str, bytes]]:
        return [(f"{self.path}/{names.LEADER_EPOCH_CHECKPOINT}", epochs.encode())]

    def discard(self, segments: list[Segment], snapshots_below: int, delay_ms: int = 0) -> None:
        before = self._on_discard()

        def remove() -> None:
            paths = [path for segment in segments for path in segment.paths()]
            snapshots = self.snapshots()
            kept = [offset for offset in snapshots if offset >= snapshots_below]
            for offset in kept[-1:]:
                self._sync_snapshot(offset)
            before()
            if delay_ms <= 0:
                self._unlink(paths)
            else:
                self._later.add(partial(self._unlink, self._rename_deleted(paths)), delay_ms)
            old = [offset for offset in snapshots if kept and offset < kept[0]]
            if old:  # A segment that a crash brings back must find its snapshot.
                self.files.sync_directory(self.path)
                self.remove_snapshots(old)

        for segment in segments:
            segment.close()
        self._later.add(remove)

    def _rename_deleted(self, paths: list[str]) -> list[str]:
        """Give files the names of deleted ones; return what there is to remove."""
        found = [path for path in paths if self.files.exists(path)]
        for path in found:
            self.files.rename(path, path + names.DELETED)
        return [path + names.DELETED for path in found]

    def _unlink(self, paths: list[str]) -> None:
        for path in paths:
            self.files.unlink(path)

    def discard_replaced(self, segments: Sequence[Segment], delay_ms: int) -> None:
        """Have segments removed that are one now, and the snapshots between them. Any thread."""
        paths = [path for segment in segments for path in segment.paths()]
        for segment in segments:
            segment.close()
        between = [segment.base_offset for segment in segments[1:]]
        self._later.add(lambda: self.remove_snapshots(between))
        self._later.add(partial(self._unlink, paths), delay_ms)

    def remove_snapshots(self, offsets: list[int]) -> None:
        """Remove snapshots and what lies beside them."""
        if offsets:
            self.forget_listing()
        for offset in offsets:
            self.files.unlink(self._path(offset, names.SNAPSHOT))
            self.files.unlink(self._path(offset, names.PRODUCERS))

    def relocate(self, path: str) -> None:
        """Go on in another folder, which has a copy of everything, synced."""
        self.path = path
        self._unsynced.clear()
        self._names_unsynced = False
        self.forget_listing()

    def note_unsynced(self, paths: list[str]) -> None:
        """Have files synced with the next commit."""
        self._unsynced.update(dict.fromkeys(paths))
        self._names_unsynced = True

    def make_durable(self) -> None:
        for folder in (self.path, self.path.rpartition("/")[0]):
            self.files.sync_directory(folder)

    def unsynced_paths(self) -> list[str]:
        """Return the files that the next commit will sync; it still will."""
        return list(self._unsynced)

    def take_unsynced(self) -> tuple[list[str], list[str]]:
        if not self._names_unsynced:
            return [], []
        files = list(self._unsynced)
        self._unsynced.clear()
        self._names_unsynced = False
        # The parent too: the folder itself may be new.
        return files, [self.path, self.path.rpartition("/")[0]]

    def sync(self, pending: Pending, contents: Iterable[tuple[str, bytes]] = ()) -> None:
        for file in pending.files:
            file.sync()
        for path in pending.paths:
            if self.files.exists(path):
                self.files.open(path).sync()
        for folder in pending.folders:
            self.files.sync_directory(folder)
        for path, content in contents:
            replace_file(self.files, path, content)

    def _sync_snapshot(self, offset: int) -> None:
        for suffix in (names.SNAPSHOT, names.PRODUCERS):
            path = self._path(offset, suffix)
            if self.files.exists(path):
                self.files.open(path).sync()
        self.files.sync_directory(self.path)

    def _write(self, name: str, content: bytes) -> None:
        path = f"{self.path}/{name}"
        if self.files.read_file(path) != content:  # What is good already is not risked.
            self.files.write_file(path, content, sync=False)
        self.note_unsynced([path])

    def _path(self, offset: int, suffix: str) -> str:
        return f"{self.path}/{names.offset_file(offset, suffix)}"


def _nothing() -> None:
    """Do nothing."""
