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
    """A whole batch of a segment; `content` is valid until the next one is asked for."""

    position: int
    header: BatchHeader
    content: Buffer


def scan(
    file: File, position: int, end: int, *, verify: bool, next_offset: int = 0
) -> Iterator[StoredBatch]:
    """Yield the batches in [position, end) of a file, which must be whole and in order.

    `verify` looks at CRCs too; `next_offset` is the least offset the first may have. May block.

    Errors: BadBatch.
    """
    window = _WINDOW_BYTES
    while position < end:
        chunk = file.read(position, min(window, end - position))
        at = 0
        while at + HEADER_SIZE <= len(chunk):
            header = _header(chunk, at, position, next_offset)
            if at + header.size > len(chunk):
                break
            if verify and not check_crc(chunk, at, header.size):
                raise BadBatch(position + at, "CRC does not match")
            yield StoredBatch(position + at, header, memoryview(chunk)[at : at + header.size])
            at += header.size
            next_offset = header.next_offset
        if at == 0:
            if len(chunk) < HEADER_SIZE:
                raise BadBatch(position, "shorter than a batch header")
            window = _header(chunk, 0, position, next_offset).size
            if position + window > end:
                raise BadBatch(position, "batch is longer than the file")
            if window <= len(chunk):
                raise BadBatch(position, "file is shorter than it was")
        position += at


def _header(chunk: bytes, at: int, position: int, next_offset: int) -> BatchHeader:
    try:
        header = read_header(chunk, at)
    except KafkaError as error:
        raise BadBatch(position + at, str(error)) from error
    if header.base_offset < next_offset:
        raise BadBatch(position + at, f"offset {header.base_offset} is below {next_offset}")
    return header
