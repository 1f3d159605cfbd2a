"""What a segment's time index says, held against the batches: its file may be garbled."""

from typing import TYPE_CHECKING

from kafkacompat_protocol.errors import KafkaError
from kafkacompat_protocol.records.batch import HEADER_SIZE, read_header

from .scan import BadBatch, scan
from .segments import Need

if TYPE_CHECKING:
    from .segment import FileSegment


def latest_timestamp(segment: "FileSegment", known: int, offset: int) -> int | None:
    """Return the highest timestamp of a segment; None if the index is wrong about it.

    `known` is what the index says, of the batch that holds `offset`; -1 if it says nothing.
    """
    try:
        position = segment.locate(offset) if known >= 0 else 0
        if isinstance(position, Need):
            return None
        batches = scan(segment.file, position, segment.size, verify=False)
        latest = [batch.header.max_timestamp for batch in batches]
    except (BadBatch, KafkaError):
        return None
    return max(latest) if latest and known in (-1, latest[0]) else None


def is_entry_true(segment: "FileSegment", timestamp: int, offset: int) -> bool:
    """Whether the batch that holds `offset` has this highest timestamp. May block."""
    try:
        position = segment.locate(offset)
        while isinstance(position, Need):
            segment.load(position)
            position = segment.locate(offset)
        header = read_header(segment.file.read(position, HEADER_SIZE))
    except KafkaError:
        return False
    return header.max_timestamp == timestamp
