"""Batches that were read for a share group: which of them members may see, and are sent.

No I/O. Members are not told of aborted transactions: what is aborted is left out here.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kafkacompat.coordinator.share.acquiring import Acquired, Extent
from kafkacompat_protocol.primitives import Buffer
from kafkacompat_protocol.records.batch import BatchHeader, read_batches


class ReadBatch(NamedTuple):
    """A batch, and where its bytes are."""

    extent: Extent
    begin: int
    end: int


def inspect(content: Buffer, aborted: Iterable[tuple[int, int]]) -> list[ReadBatch]:
    """Return the batches in some bytes of a log, given its aborted transactions there.

    `aborted` are (producer id, first offset). Errors: CORRUPT_MESSAGE.
    """
    waiting = sorted(aborted, key=lambda each: each[1], reverse=True)
    aborting: set[int] = set()
    found = []
    for begin, header in read_batches(content):
        while waiting and waiting[-1][1] <= header.last_offset:
            aborting.add(waiting.pop()[0])
        is_deliverable = _is_deliverable(header, aborting)
        if header.is_control:
            aborting.discard(header.producer_id)
        extent = Extent(header.base_offset, header.last_offset, is_deliverable)
        found.append(ReadBatch(extent, begin, begin + header.size))
    return found


def _is_deliverable(header: BatchHeader, aborting: set[int]) -> bool:
    if header.is_control:
        return False
    return not (header.is_transactional and header.producer_id in aborting)


def select(
    content: Buffer, batches: Sequence[ReadBatch], acquired: Sequence[Acquired]
) -> list[Buffer]:
    """Return the bytes of those batches that hold anything acquired."""
    spans: list[tuple[int, int]] = []
    index = 0
    for batch in batches:
        while index < len(acquired) and acquired[index].last < batch.extent.first:
            index += 1
        if index == len(acquired):
            break
        if acquired[index].first > batch.extent.last or not batch.extent.is_deliverable:
            continue
        if spans and spans[-1][1] == batch.begin:
            spans[-1] = spans[-1][0], batch.end
        else:
            spans.append((batch.begin, batch.end))
    view = memoryview(content)
    return [view[begin:end] for begin, end in spans]
