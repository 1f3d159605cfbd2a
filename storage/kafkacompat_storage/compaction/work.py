"""One pass over a log: learn the newest offset of each key, then write its segments anew.

A pass is a generator, so that whoever runs it can rest in between, or do something else. It reads
and writes files, may be run by any thread or process, and changes nothing that is in use: what it
has written waits under names that end in `.cleaned` for the owner of the log (swapping.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.records.batch import read_header

from .. import names
from ..files import Buffer, Files
from ..scan import BadBatch, Bounds, StoredBatch, scan
from ..segment import FileSegment
from ..txn_index import AbortedTransaction
from .batches import Fate, LastOfProducer, filter_batch, map_batch
from .choice import Range, Rules, SegmentFacts, group
from .offset_map import OffsetMap
from .records import BadRecords
from .transactions import CleanedTransactions

_WRITTEN_AT_A_TIME: Final = 1 << 20


@dataclass(slots=True)
class Task:
    """What a pass needs to know of its log; nothing of it changes while it runs."""

    segments: list[SegmentFacts]
    span: Range
    rules: Rules
    now_ms: int
    memory_bytes: int
    load_factor: float = 0.9
    last_batches: dict[int, LastOfProducer] = field(default_factory=dict)
    """By the ids of the producers that the log remembers."""
    aborted: list[AbortedTransaction] = field(default_factory=list)


class Progress(NamedTuple):
    """Bytes that were looked at or written since the last time."""

    read_bytes: int
    written_bytes: int = 0


class Mapped(NamedTuple):
    """The first half is done: the keys before `end` are known."""

    end: int
    keys: int


class Cleaned(NamedTuple):
    """Some segments, by their numbers in the task, were written anew as one."""

    numbers: list[int]
    size: int
    records: int
    """How many there were before."""
    kept: int


class Sink(Protocol):
    """Where the batches that stay go."""

    def stage(self, content: Buffer, last_offset: int, max_timestamp: int) -> None:
        """Take in a batch, which is valid only now."""


class Place(Protocol):
    """Where the segments of a task are, and where to put what is made of them."""

    def read(self, segment: SegmentFacts) -> Iterator[StoredBatch]:
        """Yield a segment's batches, checked. Errors: BadBatch, OSError."""

    def index_bytes(self, segment: SegmentFacts) -> int:
        """Return the size of the larger index of a segment."""

    def begin(self, first: SegmentFacts) -> Sink:
        """Begin what takes the place of a segment and some that follow it."""

    def finish(self, aborted: list[AbortedTransaction]) -> int:
        """Make what was begun whole and durable, and return its size. Errors: OSError."""


Step = Progress | Mapped | Cleaned


def compact(task: Task, place: Place) -> Iterator[Step]:
    """Do one pass. Errors: CORRUPT_MESSAGE where a batch cannot be read; OSError."""
    work = _Pass(task, place)
    try:
        yield from work.learn()
        yield from work.clean()
    except (BadBatch, BadRecords) as error:
        where = f"segment {work.segment.base_offset}: {error}"
        raise KafkaError(ErrorCode.CORRUPT_MESSAGE, where) from error


class _Pass:
    """What a pass knows while it goes on."""

    def __init__(self, task: Task, place: Place) -> None:
        self.segment = task.segments[0]
        self._task = task
        self._place = place
        self._known = OffsetMap(task.memory_bytes, task.load_factor)
        self._known.end = task.span.first_dirty

    def learn(self) -> Iterator[Step]:
        """Enter the keys of what is dirty, as far as they fit."""
        span = self._task.span
        dirty = [
            segment
            for segment in self._task.segments
            if segment.next_offset > span.first_dirty
            and segment.base_offset < span.first_uncleanable
        ]
        transactions = self._transactions(dirty)
        for self.segment in dirty:
            for batch in self._place.read(self.segment):
                header = batch.header
                if header.base_offset >= span.first_uncleanable:
                    break
                goes = transactions.goes(header, batch.content)
                if header.next_offset <= span.first_dirty:
                    continue
                if goes or header.is_control:
                    self._known.end = header.next_offset
                    continue
                for _ in map_batch(header, batch.content, span.first_dirty, self._known):
                    yield Progress(0)
                yield Progress(header.size)
                if self._known.end < header.next_offset:
                    yield self._mapped()
                    return
            self._known.end = min(self.segment.next_offset, span.first_uncleanable)
        yield self._mapped()

    def _mapped(self) -> Mapped:
        return Mapped(self._known.end, len(self._known.offsets))

    def _transactions(self, segments: Sequence[SegmentFacts]) -> CleanedTransactions:
        """Return those that a walk over these may meet."""
        start = segments[0].base_offset if segments else 0
        return CleanedTransactions(each for each in self._task.aborted if each.last_offset >= start)

    def clean(self) -> Iterator[Step]:
        """Write anew the segments that begin before the end of what is known."""
        task, place = self._task, self._place
        index_bytes = [place.index_bytes(segment) for segment in task.segments]
        transactions = self._transactions(task.segments)
        for numbers in group(task.segments, self._known.end, index_bytes, task.rules):
            sink = place.begin(task.segments[numbers[0]])
            records = kept = 0
            for number in numbers:
                self.segment = task.segments[number]
                for batch in place.read(self.segment):
                    is_last = batch.position + batch.header.size >= self.segment.size
                    fate = self._fate(batch, transactions, is_last and number == numbers[-1])
                    stays: Buffer | None = None
                    for found in filter_batch(batch.header, batch.content, fate, self._known):
                        stays = found
                        yield Progress(0)
                    records += batch.header.record_count
                    if stays is None:
                        yield Progress(batch.header.size)
                        continue
                    kept += _put(sink, stays)
                    yield Progress(batch.header.size, len(stays))
            aborted, transactions.kept = transactions.kept, []
            yield Cleaned(numbers, place.finish(aborted), records, kept)

    def _fate(
        self, batch: StoredBatch, transactions: CleanedTransactions, ends_group: bool
    ) -> Fate:
        """The last batch of each segment stays, so that no offsets are missing between two."""
        header = batch.header
        goes = transactions.goes(header, batch.content)
        last = self._task.last_batches.get(header.producer_id)
        must_stay = ends_group or (last is not None and last.is_it(header))
        return Fate(goes, must_stay, self._task.rules.delete_retention_ms, self._task.now_ms)


def _put(sink: Sink, content: Buffer) -> int:
    """Write a batch; return how many records it has."""
    header = read_header(content)
    sink.stage(content, header.last_offset, header.max_timestamp)
    return header.record_count


class FilePlace:
    """Segments in a partition's folder."""

    def __init__(self, files: Files, folder: str, index_interval: int) -> None:
        self._files = files
        self._folder = folder
        self._interval = index_interval
        self._made: FileSegment | None = None
        for name in files.listdir(folder):
            if name.endswith(names.CLEANED):  # of a pass that came to nothing
                files.unlink(f"{folder}/{name}")

    def read(self, segment: SegmentFacts) -> Iterator[StoredBatch]:
        file = self._files.open(self._path(segment, names.LOG))
        try:
            yield from scan(file, 0, segment.size, verify=True, bounds=Bounds(segment.base_offset))
        finally:
            file.close()

    def index_bytes(self, segment: SegmentFacts) -> int:
        paths = [self._path(segment, suffix) for suffix in (names.OFFSET_INDEX, names.TIME_INDEX)]
        return max(self._files.size(path) if self._files.exists(path) else 0 for path in paths)

    def begin(self, first: SegmentFacts) -> Sink:
        made = FileSegment(
            self._files,
            self._folder,
            first.base_offset,
            created_ms=0,
            index_interval=self._interval,
            ending=names.CLEANED,
        )
        made.create()
        self._made = made
        return FileSink(made)

    def finish(self, aborted: list[AbortedTransaction]) -> int:
        made = self._made
        assert made is not None
        made.write_staged()
        made.aborted.extend(aborted)
        made.seal()
        for path in made.paths():
            if self._files.exists(path):
                self._files.open(path).sync()
        made.close()
        return made.size

    def _path(self, segment: SegmentFacts, suffix: str) -> str:
        return f"{self._folder}/{names.offset_file(segment.base_offset, suffix)}"


class FileSink:
    """Writes a megabyte at a time."""

    def __init__(self, segment: FileSegment) -> None:
        self._segment = segment
        self._staged = 0

    def stage(self, content: Buffer, last_offset: int, max_timestamp: int) -> None:
        self._segment.stage(bytes(content), last_offset, max_timestamp)
        self._staged += len(content)
        if self._staged >= _WRITTEN_AT_A_TIME:
            self._segment.write_staged()
            self._staged = 0
