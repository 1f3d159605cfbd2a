"""What is asked of a log beside its batches: timestamps, aborted transactions, all there is.

These look inside batches and may block: they are rare, and but for `read_to_end` read little.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Concatenate, Final, NamedTuple, ParamSpec, TypeVar

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.records.batch import BatchHeader, read_batches
from kafkacompat_protocol.records.record import iterate_records

from .reader import Miss
from .scan import BadBatch, StoredBatch
from .segments import Segment

if TYPE_CHECKING:
    from kafkacompat_protocol.records.record import Record

    from .log import PartitionLog

P = ParamSpec("P")
T = TypeVar("T")

PIECE_BYTES: Final = 1 << 20


class FoundOffset(NamedTuple):
    """A record found by its timestamp, and the leader epoch it was written in."""

    timestamp: int
    offset: int
    leader_epoch: int


def _asks(
    question: Callable[Concatenate["PartitionLog", P], T],
) -> Callable[Concatenate["PartitionLog", P], T]:
    """Have a question fail as a log does: with its fault, or KAFKA_STORAGE_ERROR."""

    def ask(log: "PartitionLog", /, *args: P.args, **kwargs: P.kwargs) -> T:
        if log.fault is not None:
            raise log.fault
        try:
            return question(log, *args, **kwargs)
        except (OSError, BadBatch) as error:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, str(error)) from error

    ask.__doc__ = question.__doc__
    return ask


@_asks
def find_timestamp(log: "PartitionLog", timestamp: int) -> FoundOffset | None:
    """Return the first record at or after the log's start whose timestamp is not below.

    May block. Errors: KAFKA_STORAGE_ERROR.
    """
    for segment in log.segments:
        if segment.max_timestamp < timestamp:
            continue
        for batch in segment.scan(segment.locate_timestamp(timestamp)):
            header = batch.header
            if header.next_offset > log.high_watermark:
                return None
            if header.max_timestamp < timestamp or header.next_offset <= log.log_start_offset:
                continue
            found = _first_record(log, batch, lambda record: record.timestamp >= timestamp)
            if found is not None:
                return found
    return None


@_asks
def find_max_timestamp(log: "PartitionLog") -> FoundOffset | None:
    """Return the first record that has the highest timestamp of all.

    May block. Errors: KAFKA_STORAGE_ERROR.
    """
    best: StoredBatch | None = None
    for segment in sorted(log.segments, key=lambda segment: -segment.max_timestamp):
        if best is not None and segment.max_timestamp < best.header.max_timestamp:
            break
        found = _highest_batch(log, segment)
        if found is not None and (best is None or _rank(found) > _rank(best)):
            best = found
    if best is None:
        return None
    latest = best.header.max_timestamp
    return _first_record(log, best, lambda record: record.timestamp == latest)


def _rank(batch: StoredBatch) -> tuple[int, int]:
    return batch.header.max_timestamp, -batch.header.base_offset


def _highest_batch(log: "PartitionLog", segment: Segment) -> StoredBatch | None:
    """Return the first batch of a segment, below the high watermark, with its top timestamp."""
    latest = segment.max_timestamp
    if latest < 0:
        return None
    position = segment.locate_timestamp(latest)
    if segment.next_offset > log.high_watermark:
        position = 0  # The index may speak of batches that are not durable yet.
    best: StoredBatch | None = None
    for batch in segment.scan(position):
        header = batch.header
        if header.next_offset > log.high_watermark:
            break
        if header.next_offset <= log.log_start_offset:
            continue
        if best is None or header.max_timestamp > best.header.max_timestamp:
            best = StoredBatch(batch.position, header, bytes(batch.content))
        if best.header.max_timestamp == latest:
            break
    return best


def _first_record(
    log: "PartitionLog", batch: StoredBatch, wanted: "Callable[[Record], bool]"
) -> FoundOffset | None:
    """Return the first record of a batch that is wanted and not before the log's start."""
    header = batch.header
    for record in iterate_records(batch.content):
        if record.offset >= log.log_start_offset and wanted(record):
            return FoundOffset(record.timestamp, record.offset, header.partition_leader_epoch)
    return None


@_asks
def find_aborted(log: "PartitionLog", from_offset: int, to_offset: int) -> list[tuple[int, int]]:
    """Return (producer id, first offset) of aborted transactions in [from_offset, to_offset).

    May block. Errors: KAFKA_STORAGE_ERROR.
    """
    found: list[tuple[int, int]] = []
    for segment in log.segments:
        if segment.next_offset <= from_offset:
            continue
        for aborted in segment.aborted:
            if aborted.last_offset >= from_offset and aborted.first_offset < to_offset:
                found.append((aborted.producer_id, aborted.first_offset))
            if aborted.last_stable_offset >= to_offset:
                return found
    return found


def read_to_end(log: "PartitionLog", position: int) -> Iterator[list[tuple[BatchHeader, bytes]]]:
    """Yield the batches from `position` to the present high watermark, a megabyte at a time.

    For who builds a state out of a whole log. May block.

    Errors: those of `PartitionLog.read`; KAFKA_STORAGE_ERROR where nothing can be read.
    """
    end = log.high_watermark
    while position < end:
        found = log.read(position, PIECE_BYTES, up_to=end, at_least_one=True)
        if isinstance(found, Miss):
            found.load()
            continue
        content = b"".join(found.buffers)
        if not content:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, f"nothing to read at {position}")
        piece = [(header, content[at : at + header.size]) for at, header in read_batches(content)]
        position = piece[-1][0].next_offset
        yield piece
