"""A machine that dies at each operation in turn: D1, D2 and D5 hold over the next start.

The story that is cut short: two partitions, idempotent producers, rolls, checkpoints, a log start
that advances, a clean restart, a deletion.
"""

import pytest

from kafkacompat_protocol.records.batch import read_batches
from kafkacompat_storage.log import AppendRules, PartitionLog
from kafkacompat_storage.queries import find_aborted
from kafkacompat_storage.store import LogStore, open_store
from kafkacompat_storage.syncing import Syncer
from tests.support import batches as b
from tests.support.faulty_files import Crash, FaultyFiles, Loss

RULES = AppendRules(segment_bytes=400, index_interval_bytes=100)
IDS = {"a": b"A" * 16, "b": b"B" * 16, "gone": b"C" * 16, "x": b"X" * 16}
DATA = "/d/data"


class Story:
    """What happened until the crash, as those outside know it."""

    def __init__(self, files: FaultyFiles) -> None:
        self.files = files
        self.syncer = Syncer()
        self.sent: dict[tuple[str, int], bytes] = {}
        """Batch by topic and sequence, as its producer sent it."""
        self.acknowledged: dict[tuple[str, int], int] = {}
        """Base offset by topic and sequence."""
        self.aborted: list[tuple[int, int]] = []
        """(producer id, first offset) of transactions of topic "x" known to be aborted."""
        self.log_start = 0
        self.sequence = {"a": 0, "b": 0, "gone": 0}
        self.store: LogStore

    def start(self) -> None:
        self.store = open_store([DATA], node_id=1, now_ms=b.NOW, files=self.files)
        self.store.recover()

    def log(self, topic: str) -> PartitionLog:
        return self.store.open(topic, 0, IDS[topic], RULES)

    def produce(self, topics: str, count: int) -> None:
        for _ in range(count):
            pendings = []
            for topic in topics.split():
                content = self.next_batch(topic)
                log = self.log(topic)
                appended = b.write(log, memoryview(content), now_ms=b.NOW, leader_epoch=1)
                key = (topic, self.sequence[topic] - 2)
                pendings.append((log, log.begin_commit(), key, appended.base_offset))
            assert not self.syncer.sync([pending for _, pending, _, _ in pendings])
            for log, pending, key, offset in pendings:
                log.end_commit(pending)
                self.acknowledged[key] = offset

    def abort_a_transaction(self) -> None:
        """Write a batch and its abort marker, and have both made durable."""
        log = self.log("x")
        producer_id = 100 + len(self.aborted)
        begin = b.batch(b"x" * 60, producer_id=producer_id, epoch=0, sequence=0, transactional=True)
        first = b.append_unseen(log, begin)
        b.append_unseen(log, b.marker(producer_id, 0, commit=False), own=True)
        pending = log.begin_commit()
        assert not self.syncer.sync([pending])
        log.end_commit(pending)
        self.aborted.append((producer_id, first))

    def next_batch(self, topic: str) -> bytearray:
        """Two records, so that offsets and sequences run in step."""
        sequence = self.sequence[topic]
        content = sequenced(topic, sequence)
        self.sent[topic, sequence] = bytes(content)
        self.sequence[topic] += 2
        return content

    def run(self) -> None:
        self.start()
        self.produce("a b", 6)
        self.store.checkpoint()
        for _ in range(4):
            self.abort_a_transaction()
            self.log("x").roll(b.NOW)
            self.store.checkpoint()
        self.produce("a", 3)
        self.produce("a b gone", 2)
        self.log_start = 12
        self.log("a").advance_log_start(12)
        self.store.sweep(0)
        self.store.checkpoint()
        self.store.delete("gone", 0, IDS["gone"])
        self.produce("b", 2)
        self.store.sweep(0)
        self.store.close(clean=True)
        self.start()
        self.produce("a b", 3)
        self.log("a").advance_log_start(16)
        self.store.checkpoint()
        self.produce("b", 1)


def sequenced(topic: str, sequence: int) -> bytearray:
    value = b"%s-%d " % (topic.encode(), sequence)
    return b.batch(value * 3, value, producer_id=7, epoch=0, sequence=sequence)


def check(story: Story, survivors: tuple[dict[str, bytes], set[str]]) -> None:
    """Start anew from what is left, and hold it against the story."""
    after = Story(FaultyFiles(survivors))
    after.start()
    for topic in ("a", "b"):
        log = after.log(topic)
        kept = {key[1]: at for key, at in story.acknowledged.items() if key[0] == topic}
        found = b.read_all(log)
        for at, header in read_batches(found):
            sequence = header.base_sequence
            assert header.base_offset == sequence, "D2: an offset has another batch"
            sent = bytearray(story.sent[topic, sequence])
            sent[:16] = found[at : at + 16]
            assert found[at : at + header.size] == bytes(sent), "D2: bytes have changed"
        end = max((offset + 2 for offset in kept.values()), default=0)
        assert log.high_watermark == log.end_offset >= end, "D1: an acknowledged batch is gone"
        assert log.log_start_offset <= 16
        first = b.offsets(found)[0][0] if found else log.log_start_offset
        assert first <= log.log_start_offset + 1
        assert len(b.offsets(found)) == (log.end_offset - first) // 2, "D1: a hole"
        for sequence in range(max(0, log.end_offset - 10), log.end_offset, 2):
            content = sequenced(topic, sequence)
            appended = b.write(log, memoryview(content), now_ms=b.NOW, leader_epoch=2)
            assert (appended.base_offset, appended.is_duplicate) == (sequence, True), "D5"
        after.sequence[topic] = log.end_offset
        after.produce(topic, 3)
    log = after.log("x")
    assert log.last_stable_offset in (log.end_offset, log.end_offset - 1)
    known = find_aborted(log, 0, log.end_offset)
    assert set(story.aborted) <= set(known), "T1: an aborted transaction is forgotten"
    after.store.close(clean=True)


def operations_of_the_story() -> int:
    files = FaultyFiles()
    Story(files).run()
    return files.operations


@pytest.mark.parametrize("loss", ["power", "torn", "kill"])
@pytest.mark.parametrize("has_syncfs", [True, False])
def test_acknowledged_batches_survive_a_crash_at_every_operation(loss: Loss, has_syncfs: bool):
    crashed = 0
    for crash_at in range(1, 2 * operations_of_the_story()):
        files = FaultyFiles(crash_at=crash_at, has_syncfs=has_syncfs)
        story = Story(files)
        try:
            story.run()
        except Crash:
            crashed += 1
            try:
                check(story, files.survivors(loss))
            except BaseException as error:
                error.add_note(f"crashed at operation {crash_at}, {len(story.acknowledged)} acked")
                raise
        else:
            break
    assert crashed > 100


def test_a_crash_while_recovering_is_recovered_from_too():
    first = FaultyFiles(crash_at=operations_of_the_story() - 3)
    story = Story(first)
    with pytest.raises(Crash):
        story.run()
    left = first.survivors("torn")
    for crash_at in range(1, 200):
        files = FaultyFiles(left, crash_at=crash_at)
        again = Story(files)
        try:
            again.start()
        except Crash:
            for loss in ("power", "torn", "kill"):
                check(story, files.survivors(loss))
        else:
            return
    raise AssertionError("recovery takes more operations than expected")
