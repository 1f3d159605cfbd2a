"""A topic that is compacted while its file operations are recorded, and what must be left of it."""

from kafkacompat_protocol.records.batch import read_batches
from kafkacompat_protocol.records.control import ControlRecordType, read_control_record
from kafkacompat_protocol.records.record import iterate_records
from kafkacompat_storage.compaction.settling import Settling
from kafkacompat_storage.log import PartitionLog
from tests.crash.ledger import Sent
from tests.crash.workloads import World
from tests.support import batches as b
from tests.support.compaction import RULES, committed, keyed, run_pass

TOPIC = "k"
Seen = tuple[int, bytes | None, bytes | None]


def compacted(world: World) -> None:
    """Keys again and again, in transactions and not, compacted after each roll; a restart."""
    world.rules.compacted = True
    world.start()
    world.ledger.book(TOPIC).is_compacted = True
    for number in range(4):
        for producer_id in (7, 8, 7):
            _write(world, producer_id)
        _write(world, 60, transactional=True)
        if number == 1:
            _write(world, 61, transactional=True)  # It stays open until the restart.
        world.commit(TOPIC)
        world.end_transaction(60, TOPIC, commit=number % 2 == 0)
        world.log(TOPIC).roll(b.NOW)
        if number < 3:  # Else the pass itself has to make durable what was rolled.
            _write(world, 9)  # Recovery begins in this segment, then.
            world.commit(TOPIC)
        _compact(world)
        if number == 2:
            world.store.checkpoint()
            world.sweep()
    world.stop()
    world.start()
    _write(world, 7)
    world.end_transaction(61, TOPIC, commit=False)
    world.log(TOPIC).roll(b.NOW)
    _write(world, 8)
    world.commit(TOPIC)
    _compact(world)
    _write(world, 8)
    world.commit(TOPIC)


def _write(world: World, producer_id: int, *, transactional: bool = False) -> None:
    """Append a batch of an idempotent producer, with keys that come again."""
    records = [(b"%d" % world.chance.randrange(4), world.value()) for _ in range(2)]
    sequence = world.sequences.get((TOPIC, producer_id), 0)
    world.sequences[TOPIC, producer_id] = sequence + len(records)
    content = keyed(
        *records,
        producer_id=producer_id,
        epoch=0,
        sequence=sequence,
        transactional=transactional,
    )
    world.append(TOPIC, content)


def _compact(world: World) -> None:
    """Do a pass, and note it, in the order in which a broker does."""
    log, store = world.log(TOPIC), world.store
    settling = Settling(log)
    settling.sync()
    durable = settling.note()
    store.prepare_checkpoint_of(TOPIC, 0)()
    rules = RULES._replace(segment_bytes=world.rules.segment_bytes)
    end = run_pass(log, first_dirty=store.cleaned_to(TOPIC, 0), rules=rules, below=durable)
    store.note_cleaned(TOPIC, 0, end)
    store.prepare_checkpoint_of(TOPIC, 0)()


def check_contents(log: PartitionLog, sent: list[Sent]) -> None:
    """Of every key the newest committed value is there, and nothing that was not written."""
    by_offset = {each.offset: each for each in sent}
    content = b.read_all(log)
    for at, header in read_batches(content):
        known = by_offset[header.base_offset].header
        same = (header.last_offset, header.producer_id, header.last_sequence)
        assert same == (known.last_offset, known.producer_id, known.last_sequence), "D2"
        written = set(_records(by_offset[header.base_offset]))
        left = iterate_records(content[at : at + header.size])
        assert header.is_control or {(r.offset, r.key, r.value) for r in left} <= written, "D2"
    stable, undecided = _decided(sent)
    found = [seen for seen in committed(log) if seen[0] not in undecided]
    assert set(found) <= stable, "T1: data of an aborted transaction are shown"
    newest = {key: (offset, key, value) for offset, key, value in sorted(stable)}
    assert set(newest.values()) <= set(found), "D1: the newest value of a key is gone"


def _records(sent: Sent) -> list[Seen]:
    return [
        (sent.offset + number, record.key, record.value)
        for number, record in enumerate(iterate_records(sent.content))
    ]


def _decided(sent: list[Sent]) -> tuple[set[Seen], set[int]]:
    """Return what is committed, and the offsets of what is neither that nor aborted."""
    stable: set[Seen] = set()
    is_open: dict[int, list[Seen]] = {}
    for each in sent:
        header = each.header
        if header.is_control:
            records = is_open.pop(header.producer_id, [])
            if read_control_record(each.content).type == ControlRecordType.COMMIT:
                stable.update(records)
        elif header.is_transactional:
            is_open.setdefault(header.producer_id, []).extend(_records(each))
        else:
            stable.update(_records(each))
    return stable, {record[0] for records in is_open.values() for record in records}
