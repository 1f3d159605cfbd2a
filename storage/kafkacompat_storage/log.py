"""A partition's log: segments, offsets, high watermark, last stable offset.

Called by one thread, the owner (the event loop's), except `Miss.load`. Nothing above the high
watermark is ever read. The journal decides when what was appended is durable, and says so through
`commit`, `begin_commit`, `end_commit` and `fail`.
"""

from collections.abc import Callable, Sequence

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.records.batch import (
    CONTROL_BIT,
    HEADER,
    HEADER_SIZE,
    LAST_SEQUENCE_NUMBER,
    LOG_OVERHEAD,
    TRANSACTIONAL_BIT,
    BatchHeader,
    patch_base_offset,
    patch_leader_epoch,
    patch_log_append_time,
)

from .appended import Appended
from .files import Buffer
from .folder import Folder, Pending
from .leader_epochs import LeaderEpochs
from .log_writes import LogWrites
from .producer_state import ProducerState, SequencedBatch
from .reader import EMPTY, Miss, Read, Reader
from .roll_plan import RollPlan
from .scan import BadBatch
from .segment_list import SegmentList
from .segments import Segment
from .staged import Staged
from .validate import AppendRules, check_produced, split_batches

__all__ = ["AppendRules", "Appended", "Miss", "PartitionLog", "Read"]


class PartitionLog(LogWrites):
    """One partition's batches, in segments of which the last is appended to."""

    def __init__(
        self,
        topic: str,
        partition: int,
        topic_id: bytes | None,
        *,
        rules: AppendRules,
        folder: Folder,
        segments: list[Segment],
        epochs: LeaderEpochs,
        producers: ProducerState,
        log_start_offset: int = 0,
    ) -> None:
        self.topic = topic
        self.partition = partition
        self.topic_id = topic_id
        self._parts = SegmentList(segments)
        self.epochs = epochs
        self.producers = producers
        self.folder = folder
        self.active = segments[-1]
        self.log_start_offset = log_start_offset
        self.end_offset = self.active.next_offset
        self.high_watermark = self.end_offset
        self.size_bytes = self._parts.size_bytes
        self.finish_writing: Callable[[], None] | None = None
        self.on_high_watermark: Callable[[PartitionLog], None] | None = None
        self.last_append_ms = -1
        self.recovery_point = self.end_offset
        """Everything before it is synced, with all that follows from it."""
        self.refusal: KafkaError | None = None
        """Why nothing can be appended any more."""
        self.fault: KafkaError | None = None
        """Why nothing can be done at all."""
        self.notes: list[str] = []
        """What recovery found and did when this log was opened, to be logged."""
        self._reader = Reader(self.end_offset, self.active)
        self._syncs_itself = False
        self._staged = Staged(self.end_offset, self.active.size)
        self.rules = rules

    @property
    def segments(self) -> list[Segment]:
        return self._parts.all

    @property
    def rules(self) -> AppendRules:
        return self._rules

    @rules.setter
    def rules(self, rules: AppendRules) -> None:
        self._rules = rules
        self._plan = RollPlan(self.active, rules)

    # --- appending

    def stage(
        self,
        batches: memoryview,
        *,
        now_ms: int,
        leader_epoch: int,
        from_client: bool = True,
        converted: bool = False,
    ) -> Appended:
        """Append whole batches, still to be written, and return the offsets they were given.

        `batches` is patched in place (base_offset, partition_leader_epoch, timestamps where the
        topic uses LogAppendTime) and kept until `write_staged`. A client may send one batch, unless
        it was `converted` from an old format; what the broker writes itself is not validated.

        Errors: those of `check_produced` and `ProducerState.check`; KAFKA_STORAGE_ERROR.
        """
        if self.refusal is not None:
            raise self.refusal
        size = len(batches)
        if size < HEADER_SIZE:
            split_batches(batches)
        header = HEADER.unpack_from(batches)
        if header[1] + LOG_OVERHEAD != size:
            return self._append_several(
                batches, now_ms, leader_epoch, from_client, several=converted or not from_client
            )
        if from_client:
            header = check_produced(header, batches, self._rules, now_ms)
        if header[9] >= 0:
            known = self.producers.check_batch(header, batches, from_client)
            if known is not None:
                return self._repeated(known)
        base_offset = self.end_offset
        last_offset = base_offset + header[6]
        max_timestamp = header[8]
        append_time = -1
        if self._rules.timestamp_type == 1:
            patch_log_append_time(batches, 0, size, now_ms)
            append_time = max_timestamp = now_ms
        patch_base_offset(batches, 0, base_offset)
        patch_leader_epoch(batches, 0, leader_epoch)
        if self._plan.is_due(size, last_offset, max_timestamp, now_ms):
            self.roll(now_ms)
        segment = self.active
        segment.stage(batches, last_offset, max_timestamp)
        self.end_offset = last_offset + 1
        self.size_bytes += size
        self.last_append_ms = now_ms
        if leader_epoch > self.epochs.latest:
            self.epochs.assign(leader_epoch, base_offset)
        if header[9] >= 0:
            self._note_producer(header, base_offset, batches, segment, segment.size - size, now_ms)
        if segment.size == size:
            self._plan = RollPlan(segment, self._rules)
        return Appended(base_offset, last_offset, append_time, self.log_start_offset)

    def _append_several(
        self,
        content: memoryview,
        now_ms: int,
        leader_epoch: int,
        from_client: bool,
        *,
        several: bool,
    ) -> Appended:
        """Append batches: all of them or none."""
        batches = split_batches(content)
        if not several:
            raise KafkaError(ErrorCode.INVALID_RECORD, f"{len(batches)} batches, one is allowed")
        base_offset = next_offset = self.end_offset
        headers = []
        append_time = now_ms if self._rules.timestamp_type == 1 else -1
        for batch in batches:
            header = HEADER.unpack_from(batch)
            if from_client:
                check_produced(header, batch, self._rules, now_ms)
            elif header[9] >= 0:
                self.producers.check_batch(header, batch, from_client)
            if append_time >= 0:
                patch_log_append_time(batch, 0, len(batch), now_ms)
            patch_base_offset(batch, 0, next_offset)
            patch_leader_epoch(batch, 0, leader_epoch)
            headers.append(BatchHeader._make(HEADER.unpack_from(batch)))
            next_offset = headers[-1].next_offset
        latest = max(header.max_timestamp for header in headers)
        if self._plan.is_due(len(content), next_offset - 1, latest, now_ms):
            self.roll(now_ms)
        segment = self.active
        position = segment.size
        segment.stage_several(content, headers)
        self.end_offset = next_offset
        self.size_bytes += len(content)
        self.last_append_ms = now_ms
        if leader_epoch > self.epochs.latest:
            self.epochs.assign(leader_epoch, base_offset)
        for batch, noted in zip(batches, headers, strict=True):
            if noted.producer_id >= 0:
                self._note_producer(noted, noted.base_offset, batch, segment, position, now_ms)
            position += len(batch)
        self._plan = RollPlan(segment, self._rules)
        return Appended(base_offset, next_offset - 1, append_time, self.log_start_offset)

    def _repeated(self, known: SequencedBatch) -> Appended:
        """Answer a batch that is in the log already with the offsets it has there."""
        append_time = known.timestamp if self._rules.timestamp_type == 1 else -1
        base_offset = known.last_offset - known.offset_delta
        return Appended(base_offset, known.last_offset, append_time, self.log_start_offset, True)

    def _note_producer(
        self,
        header: tuple[int, ...],
        base_offset: int,
        batch: Buffer,
        segment: Segment,
        position: int,
        now_ms: int,
    ) -> None:
        _, _, _, _, _, attributes, delta, _, _, producer_id, epoch, sequence, _ = header
        self._staged.note_producer(self.producers, producer_id)
        if attributes & CONTROL_BIT:
            placed = BatchHeader._make((base_offset, *header[1:]))
            aborted = self.producers.note(placed, batch, now_ms)
            if aborted is not None:
                segment.aborted.append(aborted)
            return
        if sequence >= 0:
            sequence = (sequence + delta) & LAST_SEQUENCE_NUMBER
        noted = SequencedBatch(sequence, base_offset + delta, delta, now_ms)
        transactional = bool(attributes & TRANSACTIONAL_BIT)
        self.producers.note_batch(producer_id, epoch, noted, transactional)
        if transactional and self.producers.open_transactions.get(producer_id) == base_offset:
            self._reader.hint(base_offset, segment, position)

    # --- segments

    def roll(self, now_ms: int) -> None:
        """Seal the active segment, unless it is empty, and begin another.

        Errors: KAFKA_STORAGE_ERROR.
        """
        self._end_writing()
        if not self.active.size:
            return
        try:
            self.write_staged()
        except KafkaError as error:
            self._staged.lost = error  # for whoever asks for those that were staged before
            raise
        try:
            if len(self.segments) == 1 and self.high_watermark == self.active.base_offset:
                self.folder.make_durable()  # or a power cut may leave the second segment alone
            # The segment last: an empty one must not stay if the log goes on in this one.
            self.folder.write_snapshot(self.end_offset, self.producers.producers)
            interval = self._rules.index_interval_bytes
            fresh = self.folder.new_segment(self.end_offset, now_ms, interval)
        except OSError as error:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, str(error)) from error
        try:
            self.active.seal()
        except OSError:
            pass  # Indexes are rebuilt when they are missing.
        # Its indexes are not synced yet, and aborted transactions are known from there.
        self.recovery_point = min(self.recovery_point, self.active.base_offset)
        self._parts.add(fresh)
        self.active = fresh
        self._plan = RollPlan(fresh, self._rules)
        self._staged.written(self.end_offset, 0)

    def advance_log_start(self, offset: int) -> None:
        """Have the log begin at `offset`, and remove the segments wholly before it.

        Errors: OFFSET_OUT_OF_RANGE above the high watermark.
        """
        if offset > self.high_watermark:
            raise KafkaError(ErrorCode.OFFSET_OUT_OF_RANGE)
        if offset <= self.log_start_offset:
            return
        self.log_start_offset = offset
        self.epochs.advance_start(offset)
        gone = self._parts.drop(self._parts.number_of(offset))
        if gone:
            self._reader.forget()
            self.size_bytes -= sum(segment.size for segment in gone)
            start, delay_ms = self.segments[0].base_offset, self._rules.file_delete_delay_ms
            self.folder.discard(gone, start, delay_ms)

    def replace_segments(self, old: Sequence[Segment], new: Segment) -> bool:
        """Have a segment take the place of durable ones, and leave their files; False if gone."""
        if self.fault is not None or not self._parts.replace(old, new):
            return False
        self._reader.replace(old, new)
        self.size_bytes += new.size - sum(segment.size for segment in old)
        return True

    # --- durability, as the journal sees it

    def commit(self) -> None:
        """Make all that was appended visible: nothing stands between written and durable."""
        self._syncs_itself = True
        self._advance(self._staged.offset, self.active, self._staged.position)

    def begin_commit(self) -> Pending:
        """Return what to sync so that everything appended so far is durable."""
        active, rolled = self.active, self._parts.take_unsynced()
        files = [file for segment in (active, *rolled) for file in segment.syncable]
        paths, folders = self.folder.take_unsynced()
        paths += [path for segment in rolled for path in segment.paths()[1:]]
        place = self.folder.files
        written = self._staged
        return Pending(written.offset, active, written.position, place, files, paths, folders)

    def end_commit(self, pending: Pending) -> None:
        """Make visible what was synced."""
        if self.refusal is not None:
            return
        self.recovery_point = max(self.recovery_point, self._parts.synced_to(pending.end_offset))
        self._advance(pending.end_offset, pending.segment, pending.position)

    def _advance(self, offset: int, segment: Segment, position: int) -> None:
        if offset <= self.high_watermark:
            return
        self.high_watermark = offset
        self._reader.stable = (offset, segment, position)
        if self.on_high_watermark is not None:
            self.on_high_watermark(self)

    def note_unsynced(self, recovery_point: int) -> None:
        """Take nothing from `recovery_point` on for synced: a crash came before it was."""
        self.recovery_point = recovery_point
        self._parts.note_unsynced(recovery_point)

    def prepare_checkpoint(self) -> Callable[[], None] | None:
        """Return what must be done, in any thread, before `recovery_point` may rise.

        Where no journal syncs, sealed segments are synced then.
        """
        if not (self._syncs_itself and self._parts.unsynced):
            return None
        pending = self.begin_commit()
        sealed = pending._replace(files=pending.files[len(self.active.syncable) :])
        return lambda: self._sync_sealed(sealed)

    def take_epochs(self) -> list[tuple[str, bytes]]:
        """Return the file (path, content) of the leader epochs, if they changed since the last."""
        if not self.epochs.changed:
            return []
        self.epochs.changed = False
        return self.folder.epochs_file(self.epochs)

    def _sync_sealed(self, sealed: Pending) -> None:
        """Sync what was sealed before `sealed.segment`. Any thread."""
        self.folder.sync(sealed)
        self.recovery_point = max(self.recovery_point, sealed.segment.base_offset)

    def fail(self, error: KafkaError) -> None:
        """Return to the last durable point and take no more appends.

        The files are left as they are: the next start reads them from the disk again.
        """
        from .recovery import replay_producers

        self.refusal = error
        self.active.drop_staged()
        durable, segment, position = self._reader.stable
        self._parts.cut_after(segment)
        self.active = self.segments[-1]
        self._forget_from(durable, self.active, position, error)
        try:
            self.producers = replay_producers(self.folder, self.segments, self.last_append_ms)
        except (OSError, BadBatch, KafkaError):
            self.fault = error
        self._parts.unsynced.clear()

    # --- reading

    @property
    def leader_epoch(self) -> int:
        """The last epoch that wrote a batch, -1 if none did."""
        return self.epochs.latest

    @property
    def last_stable_offset(self) -> int:
        """Where the earliest transaction that consumers cannot see the end of begins."""
        high_watermark = self.high_watermark
        if self.producers.all_stable:
            return high_watermark
        first = self.producers.first_unstable_offset(high_watermark)
        if first is None or first > high_watermark:
            return high_watermark
        return max(first, self.log_start_offset)

    @property
    def stable(self) -> tuple[int, Segment, int]:
        """The high watermark, and the segment and the position where it is."""
        return self._reader.stable

    def read(self, offset: int, max_bytes: int, *, up_to: int, at_least_one: bool) -> Read | Miss:
        """Return whole batches from the one that holds `offset` on.

        Ends before `up_to` (the high watermark, or the last stable offset), at the end of a
        segment, or with `max_bytes`; the first batch is returned whatever its size if
        `at_least_one`.

        Errors: OFFSET_OUT_OF_RANGE, CORRUPT_MESSAGE, KAFKA_STORAGE_ERROR.
        """
        if self.fault is not None:
            raise self.fault
        if not self.log_start_offset <= offset <= self.end_offset:
            raise KafkaError(ErrorCode.OFFSET_OUT_OF_RANGE)
        up_to = min(up_to, self.high_watermark)
        if offset >= up_to or max_bytes <= 0:
            return EMPTY
        number = len(self.segments) - 1
        if offset < self.active.base_offset:
            number = self._parts.number_of(offset)
        try:
            for segment in self.segments[number:]:
                found = self._reader.read(segment, offset, max_bytes, up_to, at_least_one)
                if found is not None:
                    return found
        except OSError as error:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, str(error)) from error
        return EMPTY

    def epoch_end_offset(self, epoch: int) -> tuple[int, int]:
        """Return (largest epoch at or below, the offset it ends before); (-1, -1) if unknown."""
        return self.epochs.end_offset(epoch, self.end_offset)

    # --- closing

    def prepare_close(self) -> Pending:
        """Write what the next start would have to derive; return what is to be synced.

        The leader epochs' file is apart (`take_epochs`). Errors: OSError.
        """
        self.active.seal()
        if self.end_offset > self.log_start_offset or self.producers.producers:
            self.folder.write_snapshot(self.end_offset, self.producers.producers)
        self._parts.unsynced.append(self.active)
        return self.begin_commit()

    def close(self, clean: bool) -> None:
        """Give everything back; `clean` makes durable what the next start would have to derive.

        May block. Errors: OSError.
        """
        if clean and self.refusal is None and self.fault is None:
            self.folder.sync(self.prepare_close(), self.take_epochs())
        self.refusal = KafkaError(ErrorCode.NOT_LEADER_OR_FOLLOWER, "the log is closed")
        for segment in self.segments:
            segment.close()

    def delete(self) -> None:
        """Serve no more: the folder is about to go."""
        self.close(clean=False)
        self.fault = self.refusal
