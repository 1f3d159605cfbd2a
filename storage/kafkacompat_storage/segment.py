"""A stretch of a partition's log: one .log file and the indexes that belong to it.

Index entries are kept in memory and written out when the segment is sealed, closed or checkpointed:
they can be rebuilt from the .log. A segment opened from disk loads its indexes when first needed.
"""

from collections.abc import Iterator
from typing import Final

from kafkacompat_protocol.records.batch import (
    HEADER_SIZE,
    LEAST_BATCH_LENGTH,
    LOG_OVERHEAD,
    BatchHeader,
    read_header,
)

from .files import Buffer, File, Files
from .offset_index import OffsetIndex, decode_offset_index
from .scan import BadBatch, Bounds, StoredBatch, scan
from .segments import Chunk, Need
from .staging_files import StagingFiles
from .time_index import TimeIndex, decode_time_index
from .timestamps import is_entry_true, latest_timestamp
from .txn_index import AbortedTransaction
from .verifying import SPAN, Verifier, check_following, checked_epochs, corrupt, entry_holds

_LOOK_AHEAD_BYTES: Final = 8192
"""Bytes read at a time to find a batch: about two index intervals."""


class FileSegment(StagingFiles):
    """Batches in a file. `size` is what was appended; the file may be longer after a failure."""

    __slots__ = (
        "_aborted",
        "_index",
        "_index_interval",
        "_is_damaged",
        "_max_timestamp",
        "_max_timestamp_offset",
        "_sealed",
        "_times",
        "_times_checked",
        "_unindexed",
        "created_ms",
        "first_timestamp",
        "next_offset",
        "verifier",
    )

    def __init__(
        self,
        files: Files,
        folder: str,
        base_offset: int,
        *,
        created_ms: int,
        index_interval: int,
        ending: str = "",
    ) -> None:
        super().__init__(files, folder, base_offset, ending)
        self._index_interval = index_interval
        self.next_offset = base_offset
        self.created_ms = created_ms
        self.first_timestamp = -1
        self._aborted: list[AbortedTransaction] = []
        self._index: OffsetIndex | None = OffsetIndex()
        self._times = TimeIndex()
        self._max_timestamp = -1
        self._max_timestamp_offset = base_offset
        self._unindexed = 0
        self._sealed = False
        self._times_checked = True
        self._is_damaged = False
        self.verifier = Verifier()

    # --- opening

    def open_sealed(self, next_offset: int) -> None:
        """Take over a file that ends before `next_offset`; its indexes are loaded when needed."""
        self.size = self.verifier.trusted_from = self.file.size()
        self.next_offset = next_offset
        self._index = None
        self._sealed = True

    def open_active(self) -> None:
        """Take over the last file of a log, up to its last batch. May block.

        Errors: BadBatch.
        """
        self.size = self.verifier.trusted_from = self.file.size()
        self._index = None
        self.load_indexes()
        self._read_tail()

    def load_indexes(self) -> None:
        """Read the indexes, or rebuild them where a file is missing or cannot be right."""
        index, times = self._index_files.read()
        end = self.next_offset if self.next_offset > self.base_offset else 1 << 62
        self._aborted = self.read_aborted(end)
        if index is None or times is None:
            self.rebuild_indexes()
            return
        decoded = decode_offset_index(index, self.size)
        self._times = decode_time_index(times, end - self.base_offset)
        self._index_files.forget()
        self._max_timestamp, last = self._times.last()
        self._max_timestamp_offset = self.base_offset + last
        self._index = decoded
        self._index_files.covers = self.size
        self._times_checked = False
        if not decoded.entries and self.size > 2 * self._index_interval + (1 << 20):
            self.rebuild_indexes()

    def rebuild_indexes(self) -> None:
        """Make the offset and time index again from the batches, as far as these go. May block.

        Aborted transactions need the state of producers: recovery finds them.
        """
        # In another segment, as a thread may do this while the owner reads from this one.
        made = FileSegment(
            self._files,
            self._folder,
            self.base_offset,
            created_ms=self.created_ms,
            index_interval=self._index_interval,
            ending=self._ending,
        )
        try:
            verify = self.verifier.trusted_from > 0
            for batch in scan(self.file, 0, self.written, verify=verify, bounds=self._bounds()):
                made.note(batch.header.size, batch.header.last_offset, batch.header.max_timestamp)
        except BadBatch:
            self._is_damaged = True  # Whoever reads there finds out.
        self._index_files.forget()
        self._times = made._times
        if not self.unwritten or made._max_timestamp > self._max_timestamp:
            self._max_timestamp = made._max_timestamp
            self._max_timestamp_offset = made._max_timestamp_offset
        self._unindexed = made._unindexed
        self._index = made._index

    def begin_rescan(self) -> int:
        """Forget what is known of the batches, to `note` each anew; return the file's size."""
        self.size = 0
        self.next_offset = self.base_offset
        self._aborted = []
        self._reset_indexes()
        self.verifier.trusted_from = 0
        self._sealed = False
        return self.file.size()

    def scan_file(self, size: int, bounds: Bounds) -> Iterator[StoredBatch]:
        """Yield the batches of the whole file, checked. May block. Errors: BadBatch."""
        return scan(self.file, 0, size, verify=True, bounds=bounds)

    def _bounds(self) -> Bounds:
        return Bounds(self.base_offset, self.next_offset if self._sealed else 1 << 63)

    def _read_tail(self) -> None:
        """Find the end of the batches after the last index entry."""
        assert self._index is not None
        if not entry_holds(self.file, self.base_offset, *self._index.last()):
            self.rebuild_indexes()
        _, position = self._index.last()
        found = self.base_offset
        for batch in scan(self.file, position, self.size, verify=False):
            header = batch.header
            if header.max_timestamp > self._max_timestamp:
                self._max_timestamp = header.max_timestamp
                self._max_timestamp_offset = header.last_offset
            found = header.next_offset
        self.next_offset = found
        self._unindexed = self.size - position
        if self.size:
            self.first_timestamp = read_header(self.file.read(0, HEADER_SIZE)).max_timestamp

    def _reset_indexes(self) -> None:
        self._index = OffsetIndex()
        self._times = TimeIndex()
        self._max_timestamp = -1
        self._max_timestamp_offset = self.base_offset
        self._unindexed = 0
        self._index_files.forget()

    # --- writing

    def stage(self, content: Buffer, last_offset: int, max_timestamp: int) -> None:
        """Append one whole batch, whose offsets are already in it; it is kept until written."""
        self._staged.append(content)
        self.note(len(content), last_offset, max_timestamp)

    def stage_several(self, content: memoryview, batches: list[BatchHeader]) -> None:
        """Append whole batches."""
        self._staged.append(content)
        for header in batches:
            self.note(header.size, header.last_offset, header.max_timestamp)

    def note(self, size: int, last_offset: int, max_timestamp: int) -> None:
        """Count a batch that lies at the end of what is counted already."""
        if max_timestamp > self._max_timestamp:
            self._max_timestamp = max_timestamp
            self._max_timestamp_offset = last_offset
        if self._unindexed > self._index_interval:
            assert self._index is not None
            self._index.append(last_offset - self.base_offset, self.size)
            self._times.append(self._max_timestamp, self._max_timestamp_offset - self.base_offset)
            self._unindexed = 0
        elif self.size == 0:
            self.first_timestamp = max_timestamp
        self._unindexed += size
        self.size += size
        self.next_offset = last_offset + 1

    def forget(self, position: int, next_offset: int) -> None:
        """Know no more of what lies from `position` on, and leave the file as it is.

        The batch before `next_offset` ends there. May block.
        """
        if self._index is None:
            self.load_indexes()
        assert self._index is not None
        self.size = position
        self.next_offset = next_offset
        self.verifier.trusted_from = min(self.verifier.trusted_from, position)
        self._index.truncate(position)
        self._times.truncate(next_offset - self.base_offset)
        self._aborted = [entry for entry in self._aborted if entry.last_offset < next_offset]
        self._max_timestamp, last = self._times.last()
        self._max_timestamp_offset = self.base_offset + last
        self._index_files.forget()
        self._sealed = False
        self._read_tail()
        self.next_offset = next_offset

    def seal(self) -> None:
        """Note that nothing more will be appended, and write the indexes out."""
        self._times.append(self._max_timestamp, self._max_timestamp_offset - self.base_offset)
        self._index_files.covers = -1
        self._sealed = True
        self.write_indexes()

    def write_indexes(self) -> None:
        """Write the index entries that their files do not have yet. They are not synced.

        Where it raises OSError the files are written anew next time.
        """
        if self._index is not None and self._index_files.covers != self.size:
            self._index_files.write(self._index, self._times, self._aborted, self.size)

    def indexes_full(self, limit_bytes: int) -> bool:
        """Whether an index has reached its limit."""
        if self._index is None:
            return False
        return (
            len(self._index.entries) * 8 + 8 > limit_bytes
            or len(self._times.offsets) * 12 + 12 > limit_bytes
        )

    # --- reading

    @property
    def syncable(self) -> list[File]:
        """Return the files whose content is not derived from others."""
        return [self.file]

    @property
    def aborted(self) -> list[AbortedTransaction]:
        """Aborted transactions whose markers are here, to be added to. May block."""
        if self._index is None:
            self.load_indexes()
        return self._aborted

    @property
    def max_timestamp(self) -> int:
        """Highest timestamp of any batch, -1 if none has one. May block."""
        if self._index is None:
            self.load_indexes()
        if not self._times_checked and not self.unwritten:
            self._times_checked = True
            if self.find_latest_timestamp() > self._max_timestamp:
                self.rebuild_indexes()
        if self._is_damaged:
            raise corrupt(self.size, self.file.path)
        return self._max_timestamp

    def find_latest_timestamp(self) -> int:
        """Return the highest timestamp, held against the batches: what is too old goes for good.

        -1 if none has one. May block; any thread.
        """
        if self._index is None:
            self.load_indexes()
        found = latest_timestamp(self, self._max_timestamp, self._max_timestamp_offset)
        if found is not None:
            return found
        self.rebuild_indexes()
        return self._max_timestamp

    def position_below(self, offset: int) -> int:
        """Return the position of a batch that begins at or before an offset. Any thread."""
        index = self._index
        return 0 if index is None else index.before(offset - self.base_offset)[1]

    def locate(self, offset: int) -> int | Need:
        """Return the position of the first batch that reaches `offset`.

        Errors: CORRUPT_MESSAGE.
        """
        if self._index is None:
            return Need(0, 0)
        relative, position = self._index.before(offset - self.base_offset)
        entry = self.base_offset + relative if relative >= 0 else -1
        verifier, least, end = self.verifier, self.base_offset, self.written
        verifier.begin()
        while position < end:
            wanted = min(_LOOK_AHEAD_BYTES, end - position)
            chunk = self.file.read_nowait(position, wanted)
            if chunk is None:
                return Need(position, wanted)
            at = 0
            while at + SPAN.size <= wanted:
                base, length, delta = SPAN.unpack_from(chunk, at)
                if entry >= 0 and base + delta != entry:
                    return self._distrust_index() or self.locate(offset)
                if length < LEAST_BATCH_LENGTH:
                    raise corrupt(position + at, self.file.path)
                entry = -1
                is_trusted = position + at >= verifier.trusted_from
                if not is_trusted:
                    if base < least or position + at + LOG_OVERHEAD + length > end:
                        raise corrupt(position + at, self.file.path)
                    if base > least and (need := verifier.settle_doubt(self.file)):
                        return need
                if base + delta >= offset:
                    return position + at if is_trusted else self._placed(position, chunk, at)
                least = base + delta + 1
                if not is_trusted:
                    verifier.pass_by(memoryview(chunk), at, position, LOG_OVERHEAD + length)
                at += LOG_OVERHEAD + length
            if at == 0:
                raise corrupt(position, self.file.path)
            position += at
        if least < self.next_offset and (need := verifier.settle_doubt(self.file)):
            return need
        return end

    def _placed(self, position: int, chunk: Buffer, at: int) -> int | Need:
        """Return where the batch at `at` of a chunk is, if what follows it goes with it."""
        ends = self.written, self.next_offset
        return check_following(self.file, position, chunk, at, ends) or position + at

    def _distrust_index(self) -> Need | None:
        """Have the index made again: by `load` for a sealed segment, at once for the active one."""
        if not self._sealed:
            self.rebuild_indexes()
            return None
        self._index = None
        self._index_files.drop()
        return Need(0, 0)

    def locate_timestamp(self, timestamp: int) -> int:
        """Return a position before which all timestamps are below `timestamp`. May block."""
        if self._index is None:
            self.load_indexes()
        assert self._index is not None
        found, relative = self._times.before(timestamp - 1)
        is_from_file = self._index_files.covers == self.size
        if (
            found >= 0
            and is_from_file
            and not is_entry_true(self, found, self.base_offset + relative)
        ):
            self.rebuild_indexes()
            _, relative = self._times.before(timestamp - 1)
        return self._index.before(relative)[1]

    def read(self, position: int, max_bytes: int, end: int, at_least_one: bool) -> Chunk | Need:
        """Return whole batches from `position` on: up to `max_bytes`, not beyond `end`.

        The first is returned whole if `at_least_one`, however large. Errors: CORRUPT_MESSAGE.
        """
        room = end - position
        wanted = min(max(max_bytes, HEADER_SIZE), room)
        if wanted < HEADER_SIZE or (wanted > max_bytes and not at_least_one):
            return Chunk([], 0, -1)
        buffer = self.file.read_nowait(position, wanted)
        if buffer is None:
            return Need(position, wanted)
        first = SPAN.unpack_from(buffer, 0)[1] + LOG_OVERHEAD
        if first < HEADER_SIZE:
            raise corrupt(position, self.file.path)
        if first > wanted:
            if first > room and position < self.verifier.trusted_from:
                raise corrupt(position, self.file.path)
            if not at_least_one or first > room:
                return Chunk([], 0, -1)
            wanted = first
            buffer = self.file.read_nowait(position, wanted)
            if buffer is None:
                return Need(position, wanted)
        return self._whole(position, buffer, wanted == room)

    def _whole(self, position: int, buffer: Buffer, at_end: bool) -> Chunk | Need:
        """Cut what was read after its last whole batch, which begins near an index entry."""
        size = len(buffer)
        if at_end and position >= self.verifier.trusted_from:
            return Chunk([buffer], size, -1)
        at, last, limit, index = 0, -1, size, self._index
        while last < 0:
            relative, entry = (-1, 0) if index is None else index.below(position, limit)
            limit = at = entry
            while at + SPAN.size <= size:
                base, length, delta = SPAN.unpack_from(buffer, at)
                if at == entry and 0 <= relative != base + delta - self.base_offset:
                    return self._distrust_index() or self._whole(position, buffer, at_end)
                if length < LEAST_BATCH_LENGTH:
                    raise corrupt(position + at, self.file.path)
                if at + LOG_OVERHEAD + length > size:
                    break
                last, at = at, at + LOG_OVERHEAD + length
        base, _, delta = SPAN.unpack_from(buffer, last)
        if position < self.verifier.trusted_from:
            self.verifier.check_batches(position, memoryview(buffer)[:at], self.file.path)
            if isinstance(placed := self._placed(position, buffer, last), Need):
                return placed
        return Chunk([buffer if at == size else memoryview(buffer)[:at]], at, base + delta + 1)

    def load(self, need: Need) -> None:
        """Do what `need` asks for, so that the operation can be tried again. May block."""
        if self._index is None:
            self.load_indexes()
        if need.size:
            self.file.load(need.position, need.size)

    def scan(self, position: int = 0, *, verify: bool = False) -> Iterator[StoredBatch]:
        """Yield the batches from `position` on. May block. Errors: BadBatch."""
        verify = verify or position < self.verifier.trusted_from
        found = scan(self.file, position, self.written, verify=verify, bounds=self._bounds())
        return checked_epochs(found, self.verifier.epoch_of) if verify else found

    def close(self) -> None:
        """Give the descriptor back."""
        self.file.close()

    def forget_indexes(self) -> None:
        """Give the memory of the indexes back, if the segment is sealed and files have them."""
        if self._sealed and self._index_files.covers == self.size:
            self._index = None
            self._times = TimeIndex()

    def relocate(self, folder: str) -> None:
        """Go on in another folder, which has a copy of the .log and, once sealed, of the indexes.

        Who is reading in another thread finds the file gone, and reads again.
        """
        covered = self._index_files.covers if self._sealed else -1
        self._go_to(folder)
        self._index_files.covers = covered
