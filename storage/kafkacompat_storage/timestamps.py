"""What a segment's time index says, held against the batches: its file may be garbled."""

from typing import TYPE_CHECKING

from .scan import BadBatch, scan

if TYPE_CHECKING:
    from .segment import FileSegment


def latest_timestamp(segment: "FileSegment", known: int, offset: int) -> int | None:
    """Return the highest timestamp of a segment; None if the index is wrong about it.

    `known` is what the index says, of the batch that holds `offset`; -1 if it says nothing.
    """
    try:
        position = segment.position_below(offset) if known >= 0 else 0
        latest = [
            batch.header.max_timestamp
            for batch in scan(segment.file, position, segment.size, verify=False)
            if known < 0 or batch.header.next_offset > offset
        ]
    except BadBatch:
        return None
    return max(latest) if latest and known in (-1, latest[0]) else None


def is_entry_true(segment: "FileSegment", timestamp: int, offset: int) -> bool:
    """Whether the batch that holds `offset` has this highest timestamp. May block; any thread."""
    try:
        for batch in scan(segment.file, segment.position_below(offset), segment.size, verify=False):
            if batch.header.next_offset > offset:
                return batch.header.max_timestamp == timestamp
    except BadBatch:
        pass
    return False
