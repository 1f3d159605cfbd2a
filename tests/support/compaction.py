"""Compact logs of tests in this process, and read them as a consumer of committed data does."""

from collections.abc import Iterator

from kafkacompat_protocol.records.batch import BatchHeader, read_batches
from kafkacompat_protocol.records.control import ControlRecordType, read_control_record
from kafkacompat_protocol.records.record import Record, build_records_batch, iterate_records
from kafkacompat_storage.compaction.choice import FOREVER_MS, Rules
from kafkacompat_storage.compaction.looking import Look
from kafkacompat_storage.compaction.memory_place import MemoryPlace
from kafkacompat_storage.compaction.swapping import Swap
from kafkacompat_storage.compaction.work import Cleaned, FilePlace, Mapped, Step, compact
from kafkacompat_storage.folder import FileFolder
from kafkacompat_storage.log import PartitionLog
from kafkacompat_storage.queries import find_aborted
from tests.support import batches as b

DAY_MS = 86_400_000
RULES = Rules(0.5, 0, FOREVER_MS, DAY_MS, 1000, 10 << 20)
INTERVAL = 100


def keyed(
    *records: tuple[bytes | None, bytes | None],
    timestamp: int = b.NOW,
    compression: int = 0,
    producer_id: int = -1,
    epoch: int = -1,
    sequence: int = -1,
    transactional: bool = False,
) -> bytearray:
    """A batch of (key, value)."""
    return build_records_batch(
        [Record(at, timestamp + at, key, value) for at, (key, value) in enumerate(records)],
        compression=compression,
        producer_id=producer_id,
        producer_epoch=epoch,
        base_sequence=sequence,
        is_transactional=transactional,
    )


def run_pass(
    log: PartitionLog,
    *,
    first_dirty: int | None = None,
    now_ms: int = b.NOW,
    rules: Rules = RULES,
    memory_bytes: int = 1 << 20,
    below: int = 1 << 62,
) -> int:
    """Do one pass over a log, of segments `below` an offset; return up to where it is compacted."""
    look = Look(log, first_dirty)
    look.sealed = [segment for segment in look.sealed if segment.next_offset <= below]
    if not look.sealed:
        return look.first_dirty
    look.remember()
    facts = look.facts(rules)
    span, _ = look.judge(facts, rules, now_ms)
    task = look.task(facts, span, rules, now_ms=now_ms, memory_bytes=memory_bytes, load_factor=1.0)
    if not task.segments:
        return span.first_dirty
    place = (
        FilePlace(log.folder.files, log.folder.path, INTERVAL)
        if isinstance(log.folder, FileFolder)
        else MemoryPlace(look.sealed)
    )
    end = -1
    for step in compact(task, place):
        if isinstance(step, Mapped):
            end = step.end
        elif isinstance(step, Cleaned):
            swap(log, look, place, step)
    return end


def swap(log: PartitionLog, look: Look, place: FilePlace | MemoryPlace, step: Cleaned) -> None:
    """Put what was made in its place."""
    old = [look.sealed[number] for number in step.numbers]
    if isinstance(place, MemoryPlace):
        place.made.next_offset = old[-1].next_offset
        assert log.replace_segments(old, place.made)
        return
    swapping = Swap(log, old, step.size, INTERVAL)
    swapping.prepare()
    assert swapping.take_place()
    swapping.finish()


def stored(log: PartitionLog, start: int = 0) -> Iterator[tuple[BatchHeader, bytes]]:
    """Yield the batches from `start` on."""
    content = b.read_all(log, start)
    for at, header in read_batches(content):
        yield header, content[at : at + header.size]


def committed(log: PartitionLog, start: int = 0) -> list[tuple[int, bytes | None, bytes | None]]:
    """Return (offset, key, value) of what a consumer of committed data sees, as clients do it."""
    ahead = sorted(find_aborted(log, start, log.high_watermark), key=lambda found: found[1])
    aborting: set[int] = set()
    seen: list[tuple[int, bytes | None, bytes | None]] = []
    for header, content in stored(log, start):
        while ahead and ahead[0][1] <= header.last_offset:
            aborting.add(ahead.pop(0)[0])
        if header.is_control:
            if header.record_count and read_control_record(content).type == ControlRecordType.ABORT:
                aborting.discard(header.producer_id)
        elif not (header.is_transactional and header.producer_id in aborting):
            records = iterate_records(content)
            seen += [(r.offset, r.key, r.value) for r in records if r.offset >= start]
    return seen


def steps_of(log: PartitionLog, place: FilePlace | MemoryPlace, look: Look) -> Iterator[Step]:
    """Yield the steps of a pass over all of a log, none of which takes place."""
    look.remember()
    facts = look.facts(RULES)
    span, _ = look.judge(facts, RULES, b.NOW)
    yield from compact(
        look.task(facts, span, RULES, now_ms=b.NOW, memory_bytes=1 << 20, load_factor=1.0), place
    )
