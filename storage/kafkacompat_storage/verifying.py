"""Checks of batches that another process wrote, or that lay on a disk since: once per start.

A CRC covers a batch from its attributes on. That length and CRC are right follows from it; offset
and leader epoch are held against the batches around it and against the leader epochs of the log.
"""

from collections.abc import Callable, Iterator
from struct import Struct
from typing import Final

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.records.batch import (
    HEADER_SIZE,
    LOG_OVERHEAD,
    check_crc,
    read_batches,
    read_header,
)

from .files import Buffer, File
from .scan import BadBatch, StoredBatch
from .segments import Need

SPAN: Final = Struct(">qi11xi")  # base_offset, batch_length, ..., last_offset_delta
BASE_OFFSET: Final = Struct(">q")
EpochOf = Callable[[int], int]


class Verifier:
    """What of a segment's file is to be checked, and was."""

    __slots__ = ("_checked_offset", "_checked_to", "_doubt", "epoch_of", "trusted_from")

    def __init__(self) -> None:
        self.trusted_from = 0
        """Position from which on this process wrote, or checked, everything."""
        self.epoch_of: EpochOf | None = None
        """Which leader epoch wrote an offset, -1 if that is not known."""
        self._checked_to = 0
        self._checked_offset = -1
        self._doubt: tuple[int, int] | None = None

    # --- walking from an index entry to a batch

    def begin(self) -> None:
        """Begin to walk."""
        self._doubt = None

    def pass_by(self, chunk: memoryview, at: int, position: int, size: int) -> None:
        """Check a batch at `at` of a chunk that is read at `position`, or doubt it if it is cut.

        Errors: CORRUPT_MESSAGE.
        """
        if at + size > len(chunk):
            self._doubt = (position + at, size)
            return
        self._doubt = None
        if not check_crc(chunk, at, size):
            raise corrupt(position + at)

    def settle_doubt(self, file: File) -> Need | None:
        """Look at a batch that was passed by and does not end where it should.

        Errors: CORRUPT_MESSAGE.
        """
        if self._doubt is None:
            return None
        position, size = self._doubt
        whole = file.read_nowait(position, size)
        if whole is None:
            return Need(position, size)
        if not check_crc(whole, 0, size):
            raise corrupt(position)
        self._doubt = None
        return None

    # --- reading

    def check_batches(self, position: int, batches: memoryview, path: str) -> None:
        """Check whole batches. Errors: CORRUPT_MESSAGE."""
        end = position + len(batches)
        if end <= self._checked_to:
            return
        least = self._checked_offset if position == self._checked_to else -1
        for at, header in read_batches(batches):
            if (
                not check_crc(batches, at, header.size)
                or header.base_offset < least
                or not self._is_epoch(header.base_offset, header.partition_leader_epoch)
            ):
                raise corrupt(position + at, path)
            least = header.next_offset
        if position <= self._checked_to:
            self._checked_to, self._checked_offset = end, least

    def _is_epoch(self, offset: int, epoch: int) -> bool:
        if self.epoch_of is None:
            return True
        known = self.epoch_of(offset)
        return known < 0 or known == epoch


def check_following(
    file: File, position: int, chunk: Buffer, at: int, ends: tuple[int, int]
) -> Need | None:
    """Check that a batch leaves what follows its offsets; it is at `at` of a chunk at `position`.

    `ends` are the segment's: of its file, and of its offsets. Errors: CORRUPT_MESSAGE.
    """
    size, following = ends
    base, length, delta = SPAN.unpack_from(chunk, at)
    end = position + at + LOG_OVERHEAD + length
    if end > size:
        raise corrupt(position + at, file.path)
    if end + BASE_OFFSET.size <= size:
        head = file.read_nowait(end, BASE_OFFSET.size)
        if head is None:
            return Need(end, BASE_OFFSET.size)
        following = BASE_OFFSET.unpack_from(head)[0]
    if following < base + delta + 1:
        raise corrupt(position + at, file.path)
    return None


def entry_holds(file: File, base_offset: int, relative: int, position: int) -> bool:
    """Whether the batch that an entry of an offset index speaks of is there. May block."""
    try:
        header = read_header(file.read(position, HEADER_SIZE))
    except KafkaError:
        return relative < 0
    return relative < 0 or header.last_offset == base_offset + relative


def corrupt(position: int, path: str = "a batch") -> KafkaError:
    """Return the error for a batch that is not as it was written."""
    return KafkaError(ErrorCode.CORRUPT_MESSAGE, f"{path} at byte {position}")


def checked_epochs(
    batches: Iterator[StoredBatch], epoch_of: EpochOf | None
) -> Iterator[StoredBatch]:
    """Yield batches whose leader epochs are those that the log knows of. Errors: BadBatch."""
    for batch in batches:
        epoch = batch.header.partition_leader_epoch
        if epoch_of is not None:
            known = epoch_of(batch.header.base_offset)
            if known not in (-1, epoch):
                raise BadBatch(batch.position, f"leader epoch {epoch}, not {known}")
        yield batch
