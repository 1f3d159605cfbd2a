"""Open a store on what a crash left, and hold it against what its users were told.

D1 what was acknowledged is there; D2 with the same bytes at the same offsets; D4 offsets rise;
D5 repeats of the last five batches are answered with their offsets; T1 transactions that were
aborted are known, and open ones hold readers back; T3 those can be ended.
"""

from kafkacompat_protocol.records.batch import BatchHeader, read_batches
from kafkacompat_protocol.records.control import ControlRecordType, read_control_record
from kafkacompat_storage.log import PartitionLog
from kafkacompat_storage.names import TopicPartition
from kafkacompat_storage.queries import find_aborted
from tests.crash.compacting import check_contents
from tests.crash.ledger import OUTSIDE_THE_CRC, Book, Sent
from tests.crash.recorder import RecordingFiles
from tests.crash.states import State
from tests.crash.workloads import World
from tests.support import batches as b


def recovered(world: World, state: State, operation: int) -> World:
    """Return another world that begins with what is left of this one."""
    after = World(0, RecordingFiles(state.files, state.folders))
    after.files.has_syncfs = True
    after.log_dirs, after.rules = world.log_dirs, world.rules
    after.is_synced = world.is_synced
    after.start()
    directory = world.ledger.facts_at(operation).get("directory")
    ids = {path: number for number, path in after.store.directories.items()}
    after.store.moves.settle(
        lambda place, found: place.topic == "a" and found == ids.get(str(directory))
    )
    return after


def check(world: World, state: State, operation: int) -> RecordingFiles:
    """Recover, compare, go on, restart; return the files that the recovery was recorded in."""
    after = recovered(world, state, operation)
    recovery = len(after.files.operations)
    ends = {}
    for topic, book in world.ledger.books.items():
        if TopicPartition(topic, 0) in after.store.partitions() or book.acknowledged.at(operation):
            ends[topic] = _check_partition(after, topic, book, operation)
    for topic, book in world.ledger.books.items():
        if topic in ends:
            ends[topic] = _go_on(after, topic, book, ends[topic])
    after.store.close(clean=True)
    again = World(0, after.files)
    again.log_dirs, again.rules = world.log_dirs, world.rules
    again.is_synced = world.is_synced
    again.start()
    for topic, end in ends.items():
        assert again.log(topic).end_offset == end, f"{topic}: a clean restart ends elsewhere"
    again.store.close(clean=False)
    del after.files.operations[recovery:]
    return after.files


def _check_partition(after: World, topic: str, book: Book, operation: int) -> int:
    """Compare a log with its book; return where it ends."""
    log = after.log(topic)
    end = log.end_offset
    start = log.log_start_offset
    deleted, deletable = book.deleted.at(operation), book.deletable.at(operation)
    assert deleted <= start <= max(deletable, deleted), f"{topic}: begins at {start}"
    acknowledged = book.acknowledged.at(operation)
    assert log.high_watermark == end >= acknowledged, f"D1 {topic}: ends at {end}"
    if book.is_compacted:
        check_contents(log, book.batches(end))
        _check_stable(log, topic, book.batches(end))
        _check_repeats(after, topic, book.batches(end))
        return end
    found = b.read_all(log)
    expected = [sent for sent in book.batches(end) if sent.header.next_offset > start]
    headers = []
    for (at, header), sent in zip(read_batches(found), expected, strict=False):
        content = found[at : at + header.size]
        assert header.base_offset == sent.offset, f"D2 {topic}: {header.base_offset}"
        assert content[OUTSIDE_THE_CRC:] == sent.content[OUTSIDE_THE_CRC:], f"D2 {topic}"
        assert header.partition_leader_epoch == 1
        headers.append(header)
    assert len(headers) == len(expected), f"D1 {topic}: a hole"
    if headers:
        assert headers[-1].next_offset == end, f"D1 {topic}: a hole before the end"
    assert log.epochs.latest <= 1
    if end > start and headers:
        assert log.epoch_end_offset(1) == (1, end), f"{topic}: epochs {log.epochs.starts}"
    _check_transactions(after, topic, book.batches(end), start)
    _check_repeats(after, topic, book.batches(end))
    return end


def _check_stable(log: PartitionLog, topic: str, sent: list[Sent]) -> None:
    """Transactions that are open, and only these, hold readers back."""
    is_open: dict[int, int] = {}
    for each in sent:
        if each.header.is_control:
            is_open.pop(each.header.producer_id, None)
        elif each.header.is_transactional:
            is_open.setdefault(each.header.producer_id, each.offset)
    stable = min([*is_open.values(), log.end_offset])
    assert log.last_stable_offset == stable, f"T1 {topic}: {is_open} are open"


def _check_transactions(after: World, topic: str, sent: list[Sent], start: int) -> None:
    log = after.log(topic)
    is_open: dict[int, int] = {}
    aborted: list[tuple[int, int]] = []
    for each in sent:
        header = each.header
        if header.is_control:
            first = is_open.pop(header.producer_id, -1)
            kind = read_control_record(each.content).type
            if kind == ControlRecordType.ABORT and first >= 0 and header.base_offset >= start:
                aborted.append((header.producer_id, first))
        elif header.is_transactional:
            is_open.setdefault(header.producer_id, header.base_offset)
    known = find_aborted(log, start, log.end_offset)
    assert set(aborted) <= set(known), f"T1 {topic}: {aborted} were aborted, known {known}"
    alive = {first for first in is_open.values() if first >= start}
    stable = min([*is_open.values(), log.end_offset])
    assert log.last_stable_offset == max(stable, start), f"T1 {topic}: {alive} are open"


def _check_repeats(after: World, topic: str, sent: list[Sent]) -> None:
    """Send again the last five batches of each producer that are not transactional."""
    windows: dict[int, list[tuple[BatchHeader, bytes]]] = {}
    for each in sent:
        header = each.header
        if header.producer_id >= 0 and not header.is_transactional:
            windows.setdefault(header.producer_id, []).append((header, each.content))
    log = after.log(topic)
    for window in windows.values():
        for header, content in window[-5:]:
            again = bytearray(content)
            told = b.write(log, memoryview(again), now_ms=b.NOW, leader_epoch=2)
            assert (told.base_offset, told.is_duplicate) == (header.base_offset, True), (
                f"D5 {topic}"
            )


def _go_on(after: World, topic: str, book: Book, end: int) -> int:
    """Have producers repeat what is gone, append one batch more, and end what is open.

    Return where the log ends then.
    """
    log = after.log(topic)
    for sent in sorted(book.sent.values(), key=lambda sent: sent.offset):
        header = sent.header
        if sent.offset >= end and header.producer_id >= 0 and not header.is_transactional:
            told = b.write(log, memoryview(bytearray(sent.content)), now_ms=b.NOW, leader_epoch=1)
            assert not told.is_duplicate, f"D5 {topic}: a batch that is gone is taken for there"
    end = log.end_offset
    offset = after.append(topic, b.batch(b"after"))
    assert offset == end, f"D4 {topic}: {offset}"
    for producer_id in list(log.producers.open_transactions):
        after.append(topic, b.marker(producer_id, 0, commit=False), own=True)
    after.commit(topic)
    assert log.high_watermark == log.last_stable_offset == log.end_offset, f"T3 {topic}"
    return log.end_offset
