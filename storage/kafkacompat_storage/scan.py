"""Walk the batches of a file from front to back, telling the first that cannot be one."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from kafkacompat_protocol.errors import KafkaError
from kafkacompat_protocol.records.batch import (
    HEADER_SIZE,
    BatchHeader,
    check_crc,
    read_header,
)

from .files import Buffer, File

_WINDOW_BYTES: Final = 1 << 20


class BadBatch(Exception):
    """The bytes from `position` of a file on are no batch that belongs there."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(f"at byte {position}: {reason}")
        self.position = position
        self.reason = reason


class StoredBatch(NamedTuple):
    """A whole batch of a segment."""

    position: int
    header: BatchHeader
    content: Buffer


class Bounds(NamedTuple):
    """What must hold of batches beside their CRCs, which do not cover offset and leader epoch.

    None of them begins before `next_offset` or ends after `end_offset`; in a log `without_gaps` the
    last one begins where the one before it ends, as neither tells where it must end.
    """

    next_offset: int = 0
    end_offset: int = 1 << 63
    without_gaps: bool = False


def scan(
    file: File, position: int, end: int, *, verify: bool, bounds: Bounds | None = None
) -> Iterator[StoredBatch]:
    """Yield the batches in [position, end) of a file, which must be whole and in order.

    `verify` looks at CRCs too. A batch is yielded when the one after it was seen: of two that do
    not go together, the one is bad that does not follow what was before. May block.

    Errors: BadBatch.
    """
    bounds = bounds or Bounds()
    waiting: StoredBatch | None = None
    expected, epoch = bounds.next_offset, -1
    batches = _walk(file, position, end, verify)
    while True:
        try:
            found = next(batches, None)
        except BadBatch:
            if waiting is not None:
                yield waiting
            raise
        if waiting is None:
            if found is None:
                return
            _check_first(found, bounds)
            waiting = found
            continue
        if not _goes_with(waiting, found, bounds, (expected, epoch)):
            raise BadBatch(waiting.position, "its offset or leader epoch is out of order")
        yield waiting
        if found is None:
            return
        before, after = waiting.header, found.header
        if after.base_offset < before.next_offset:
            raise _below(found, before.next_offset)
        if after.partition_leader_epoch < before.partition_leader_epoch:
            raise BadBatch(found.position, f"leader epoch {after.partition_leader_epoch}")
        expected, epoch = before.next_offset, before.partition_leader_epoch
        waiting = found


def _check_first(found: StoredBatch, bounds: Bounds) -> None:
    if found.header.base_offset < bounds.next_offset:
        raise _below(found, bounds.next_offset)


def _below(found: StoredBatch, least: int) -> BadBatch:
    return BadBatch(found.position, f"offset {found.header.base_offset} is below {least}")


def _goes_with(
    batch: StoredBatch, following: StoredBatch | None, bounds: Bounds, before: tuple[int, int]
) -> bool:
    """Whether what follows leaves no doubt about a batch; `before` are offset and epoch till it."""
    expected, epoch = before
    header = batch.header
    jumps = header.base_offset > expected
    if following is None:
        ends_too_late = header.next_offset > bounds.end_offset
        return not (ends_too_late or (jumps and bounds.without_gaps))
    after = following.header
    if jumps and after.base_offset < header.next_offset:
        return False
    return not (
        epoch < header.partition_leader_epoch > after.partition_leader_epoch
        and after.partition_leader_epoch >= epoch
    )


def _walk(file: File, position: int, end: int, verify: bool) -> Iterator[StoredBatch]:
    window = _WINDOW_BYTES
    while position < end:
        chunk = file.read(position, min(window, end - position))
        at = 0
        while at + HEADER_SIZE <= len(chunk):
            header = _header(chunk, at, position)
            if at + header.size > len(chunk):
                break
            if verify and not check_crc(chunk, at, header.size):
                raise BadBatch(position + at, "CRC does not match")
            yield StoredBatch(position + at, header, memoryview(chunk)[at : at + header.size])
            at += header.size
        if at == 0:
            if len(chunk) < HEADER_SIZE:
                raise BadBatch(position, "shorter than a batch header")
            window = _header(chunk, 0, position).size
            if position + window > end:
                raise BadBatch(position, "batch is longer than the file")
            if window <= len(chunk):
                raise BadBatch(position, "file is shorter than it was")
        position += at


def _header(chunk: bytes, at: int, position: int) -> BatchHeader:
    try:
        return read_header(chunk, at)
    except KafkaError as error:
        raise BadBatch(position + at, str(error)) from error
