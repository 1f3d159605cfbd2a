"""How what was appended to a log gets into its file: in the owner's turn, or by another thread.

A thread writes while the disk is slow: `hold_staged` in each turn, then `begin_write`, then, when
it is done, `end_write`. More may be held meanwhile. All that has not been written is taken back
when a write fails, in whatever way.
"""

from collections.abc import Callable

from kafkacompat_protocol.errors import ErrorCode, KafkaError

from .folder import Folder
from .leader_epochs import LeaderEpochs
from .producer_state import ProducerState
from .reader import Reader
from .roll_plan import RollPlan
from .scan import BadBatch
from .segment_list import SegmentList
from .segments import Segment
from .staged import Staged, Writing
from .validate import AppendRules


class LogWrites:
    """The part of a `PartitionLog` that writes, and takes back what could not be written."""

    active: Segment
    folder: Folder
    log_start_offset: int
    high_watermark: int
    last_append_ms: int
    end_offset: int
    size_bytes: int
    epochs: LeaderEpochs
    producers: ProducerState
    refusal: KafkaError | None
    fault: KafkaError | None
    finish_writing: Callable[[], None] | None
    """Wait until no thread is writing to this log."""
    _staged: Staged
    _parts: SegmentList
    _reader: Reader
    _rules: AppendRules
    _plan: RollPlan

    # --- by another thread

    def hold_staged(self) -> int:
        """Copy what was staged, to be written later; return how many bytes that is."""
        return self.active.hold_staged()

    def begin_write(self) -> Writing | None:
        """Return what is held, for a thread to write, or None if nothing is.

        Errors: as `write_staged`.
        """
        if self.refusal is not None:
            self.active.drop_staged()
            raise self.refusal
        lost, self._staged.lost = self._staged.lost, None
        if lost is not None:
            self._take_back(lost)
            raise lost
        contents = self.active.held()
        if not contents:
            self._staged.written(self.end_offset, self.active.size)
            return None
        (file,) = self.active.syncable
        return self._staged.begin(file, contents, self.end_offset, self.active.size)

    def end_write(self, writing: Writing, error: Exception | None) -> None:
        """Note what a thread has written. Errors: as `write_staged`; why nothing is appended."""
        if self.refusal is not None:
            raise self.refusal
        if error is not None:
            lost = KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, str(error))
            self._take_back(lost)
            raise lost
        self.active.wrote(len(writing.contents))
        self._staged.wrote(writing)

    def _end_writing(self) -> None:
        """Wait for a thread that writes. Errors: KAFKA_STORAGE_ERROR if it fails."""
        if not self.active.unwritten or self.finish_writing is None:
            return
        end_offset = self.end_offset
        self.finish_writing()
        if self.end_offset != end_offset or self.refusal is not None:
            text = "what was appended before could not be written"
            raise self.refusal or KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, text)

    # --- by the owner

    def write_staged(self) -> None:
        """Write what was staged, in one call.

        Errors: KAFKA_STORAGE_ERROR, after which none of it was appended; the next may succeed,
        unless what the failed write left cannot be cut.
        """
        lost, self._staged.lost = self._staged.lost, None
        if lost is None:
            try:
                self.active.write_staged()
            except Exception as error:  # Whatever it is: the bytes are gone after this turn.
                lost = KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, str(error))
        if lost is not None:
            self._take_back(lost)
            raise lost
        self._staged.written(self.end_offset, self.active.size)

    def _take_back(self, error: KafkaError) -> None:
        """Forget what is staged, and cut what a failed write left behind."""
        staged = self._staged
        try:
            self.active.undo(staged.position)
        except OSError:
            # Nothing may be written before it: recovery cuts it.
            self.refusal = self.refusal or error
        if self.end_offset == staged.offset:
            return
        staged.restore_producers(self.producers)
        self._forget_from(staged.offset, self.active, staged.position, error)

    def truncate_to(self, offset: int) -> None:
        """Have a log in memory end before the batch with an offset: the rest never was.

        It is what a replica that was not in sync does to the log when it leads.
        """
        from .recovery import replay_producers

        offset = max(offset, self.log_start_offset)
        if offset >= self.end_offset:
            return
        segment = self._parts.all[self._parts.number_of(offset)]
        position = segment.locate(offset)
        assert isinstance(position, int)
        self._parts.cut_after(segment)
        self.active = segment
        self.high_watermark = min(self.high_watermark, offset)
        self._forget_from(offset, segment, position, KafkaError(ErrorCode.KAFKA_STORAGE_ERROR))
        self._reader.stable = (offset, segment, position)
        self.producers = replay_producers(self.folder, self._parts.all, self.last_append_ms)

    def _forget_from(self, offset: int, segment: Segment, position: int, error: KafkaError) -> None:
        """Have the log end at `offset`, in this segment; the file is left as it is.

        Where even that fails the log is at `fault`.
        """
        try:
            segment.forget(position, offset)
            self.end_offset = offset
            self.epochs.truncate(offset)
        except (OSError, BadBatch, KafkaError):
            self.fault = self.refusal = error
        self.size_bytes = self._parts.size_bytes
        self._reader.forget()
        self._plan = RollPlan(self.active, self._rules)
        self._staged.written(self.end_offset, position)
