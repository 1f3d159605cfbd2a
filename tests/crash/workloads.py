"""What is done to a store while its file operations are recorded, one workload for each concern.

Sizes are small, so that few operations reach every branch. A round's seed chooses them.
"""

import random
from collections.abc import Callable
from typing import Final

from kafkacompat_storage import names
from kafkacompat_storage.directory_ids import encode_id
from kafkacompat_storage.disk_store import DiskStore
from kafkacompat_storage.log import AppendRules, PartitionLog
from kafkacompat_storage.names import TopicPartition
from kafkacompat_storage.retention import Expiry, Limits
from kafkacompat_storage.syncing import Syncer
from tests.crash.ledger import Ledger, Sent
from tests.crash.recorder import RecordingFiles
from tests.support import batches as b

DATA, MORE = "/d/data", "/d/more"
CLUSTER: Final = encode_id(b"cluster" + bytes(9))
LATER_MS = 1_000_000


def topic_id(topic: str) -> bytes:
    return topic.encode().ljust(16, b"-")


class World:
    """A store, those who use it, and what they were told."""

    def __init__(self, seed: int, files: RecordingFiles | None = None) -> None:
        self.chance = random.Random(seed)
        self.files = files or RecordingFiles()
        self.files.has_syncfs = seed % 2 == 0
        self.ledger = Ledger(lambda: len(self.files.operations))
        self.log_dirs = [DATA]
        self.is_synced = True
        self.now_ms = 0
        self.rules = AppendRules(
            segment_bytes=self.chance.choice((400, 700, 1500)),
            index_interval_bytes=self.chance.choice((60, 200)),
            file_delete_delay_ms=self.chance.choice((0, 6)),
        )
        self.sequences: dict[tuple[str, int], int] = {}
        self.syncer = Syncer(threads=1)
        self.store: DiskStore

    # --- its life

    def start(self) -> None:
        """Open the store, as a broker does; not all of it is recovered at once."""
        self.store = DiskStore(
            self.files,
            self.log_dirs,
            node_id=1,
            now_ms=b.NOW,
            cluster_id=CLUSTER,
            is_synced=self.is_synced,
        )
        self.store.recover(is_compacted=lambda topic: self.rules.compacted)

    def stop(self) -> None:
        """Close cleanly."""
        self.store.close(clean=True)

    def log(self, topic: str) -> PartitionLog:
        return self.store.open(topic, 0, topic_id(topic), self.rules)

    # --- appends

    def append(self, topic: str, content: bytearray, *, own: bool = False) -> int:
        """Append a batch that is not durable yet; return its offset."""
        log = self.log(topic)
        sent = bytes(content)
        appended = b.write(
            log, memoryview(content), now_ms=b.NOW, leader_epoch=1, from_client=not own
        )
        offset = appended.base_offset
        self.ledger.book(topic).sent[offset] = Sent(offset, sent)
        return offset

    def commit(self, *topics: str) -> None:
        """Make durable, in one go, what was appended, and have it acknowledged."""
        logs = [self.log(topic) for topic in topics]
        pendings = [log.begin_commit() for log in logs]
        assert not self.syncer.sync(pendings)
        for topic, log, pending in zip(topics, logs, pendings, strict=True):
            log.end_commit(pending)
            book = self.ledger.book(topic)
            book.acknowledged.rise(self.ledger.count(), log.high_watermark)

    def plain(self, topic: str, count: int = 1) -> None:
        """Append batches without a producer id; several share one write."""
        for _ in range(count):
            values = [self.value() for _ in range(self.chance.randint(1, 3))]
            self.append(topic, b.batch(*values))

    def sequenced(self, topic: str, count: int = 1, producer_id: int = 7) -> None:
        """Append batches of an idempotent producer."""
        for _ in range(count):
            values = [self.value() for _ in range(self.chance.randint(1, 2))]
            self.append(topic, self.next_batch(topic, producer_id, values))

    def next_batch(
        self, topic: str, producer_id: int, values: list[bytes], *, transactional: bool = False
    ) -> bytearray:
        sequence = self.sequences.get((topic, producer_id), 0)
        self.sequences[topic, producer_id] = sequence + len(values)
        return b.batch(
            *values,
            producer_id=producer_id,
            epoch=0,
            sequence=sequence,
            transactional=transactional,
        )

    def value(self) -> bytes:
        return self.chance.randbytes(self.chance.randint(10, 90))

    def in_transaction(self, topic: str, producer_id: int) -> None:
        """Append a batch in a transaction."""
        content = self.next_batch(topic, producer_id, [self.value()], transactional=True)
        self.append(topic, content)

    def end_transaction(self, producer_id: int, *topics: str, commit: bool) -> None:
        """Write the markers, and have them durable."""
        for topic in topics:
            self.append(topic, b.marker(producer_id, 0, commit=commit), own=True)
        self.commit(*topics)

    # --- the rest

    def sweep(self) -> None:
        """Remove what is due."""
        self.now_ms += 5
        self.store.sweep(self.now_ms)

    def delete_records(self, topic: str, offset: int) -> None:
        """As the handler of DeleteRecords: answered when the start is durable."""
        book = self.ledger.book(topic)
        book.deletable.rise(self.ledger.count(), offset)
        self.log(topic).advance_log_start(offset)
        self.store.prepare_log_starts([TopicPartition(topic, 0)])()
        book.deleted.rise(self.ledger.count(), offset)

    def retain(self, topic: str, limit_bytes: int) -> None:
        """Have old segments removed."""
        log = self.log(topic)
        book = self.ledger.book(topic)
        book.deletable.rise(self.ledger.count(), log.high_watermark)
        expiry = Expiry(log, Limits(-1, limit_bytes))
        expiry.find(b.NOW)
        expiry.apply(b.NOW)


def plain(world: World) -> None:
    """Two partitions, with and without others in the commit."""
    world.start()
    for _ in range(5):
        world.plain("a", 2)
        world.plain("b")
        world.commit("a", "b")
        world.plain("a")
        world.commit("a")
    world.store.checkpoint()
    world.plain("b", 3)
    world.commit("b")


def idempotent(world: World) -> None:
    """Producers whose windows outlive segments, and a clean restart."""
    world.start()
    for number in range(6):
        world.sequenced("a", 2)
        world.sequenced("a", 1, producer_id=8 + number % 2)
        world.commit("a")
    world.store.checkpoint()
    world.stop()
    world.start()
    for _ in range(3):
        world.sequenced("a", 2)
        world.commit("a")


def transactions(world: World) -> None:
    """Committed, aborted and open transactions over two partitions, through rolls."""
    world.start()
    for number in range(5):
        producer_id = 20 + number % 2
        world.in_transaction("x", producer_id)
        world.in_transaction("y", producer_id)
        if number == 2:
            world.in_transaction("x", 30)  # stays open
            world.log("x").roll(b.NOW)
        world.sequenced("x")
        world.commit("x", "y")
        world.end_transaction(producer_id, "x", "y", commit=number % 2 == 0)
        if number == 3:
            world.store.checkpoint()
    world.log("y").roll(b.NOW)
    world.sequenced("y")
    world.commit("y")


def rolls(world: World) -> None:
    """A segment for each batch, with commits between and not."""
    world.start()
    for number in range(8):
        world.sequenced("a")
        if number % 3:
            world.commit("a")
        world.log("a").roll(b.NOW)
        if number == 4:
            world.store.checkpoint()
    world.commit("a")


def retention(world: World) -> None:
    """Segments go by size, before and after checkpoints, more than once, and all of them."""
    world.start()
    for number in range(4):
        world.sequenced("a", 4)
        world.sequenced("a", 1, producer_id=40 + number)
        world.commit("a")
        world.retain("a", 500)
        if number % 2:
            world.store.checkpoint()
        world.sweep()
    world.retain("a", 0)
    world.commit("a")
    world.sweep()
    world.sequenced("a")
    world.commit("a")


def deleted_records(world: World) -> None:
    """Records are deleted by offset, within a segment and up to the end."""
    world.start()
    for number in range(4):
        world.sequenced("a", 4)
        world.commit("a")
        end = world.log("a").high_watermark
        world.delete_records("a", end if number == 3 else end - 2)
        world.sweep()
    world.store.checkpoint()
    world.sequenced("a", 2)
    world.commit("a")


def moved(world: World) -> None:
    """A partition moves to another log directory while it is used, and another gives up."""
    world.log_dirs = [DATA, MORE]
    world.start()
    for _ in range(3):
        world.sequenced("a", 3)
        world.in_transaction("a", 50)
        world.commit("a")
        world.end_transaction(50, "a", commit=False)
    world.plain("b", 2)
    world.commit("b")
    other = MORE if world.store.log_dir_of("a", 0) == DATA else DATA
    world.ledger.note("directory", world.store.log_dir_of("a", 0))
    move = world.store.moves.begin(world.log("a"), other)
    assert move is not None
    pieces = move.plan()
    move.copy(pieces)
    move.note(pieces)
    world.sequenced("a", 2)
    world.commit("a")
    world.ledger.note("directory", other)
    world.store.moves.finish(move)
    world.sequenced("a", 2)
    world.commit("a")
    given_up = world.store.moves.begin(
        world.log("b"), MORE if world.store.log_dir_of("b", 0) == DATA else DATA
    )
    assert given_up is not None
    given_up.copy(given_up.plan())
    world.sweep()
    world.store.moves.give_up(TopicPartition("b", 0))
    world.sweep()
    world.store.checkpoint()
    world.stop()


def moved_and_stopped(world: World) -> None:
    """A move whose original loses segments meanwhile, and one that a clean stop ends."""
    world.log_dirs = [DATA, MORE]
    world.start()
    world.sequenced("a", 6)
    world.commit("a")
    here = world.store.log_dir_of("a", 0)
    world.ledger.note("directory", here)
    move = world.store.moves.begin(world.log("a"), MORE if here == DATA else DATA)
    assert move is not None
    pieces = move.plan()
    move.copy(pieces)
    move.note(pieces)
    world.delete_records("a", world.log("a").segments[-1].base_offset)
    world.sweep()
    world.ledger.note("directory", move.target.path)
    world.store.moves.finish(move)
    world.sequenced("a")
    world.commit("a")
    assert world.store.moves.begin(world.log("a"), here) is not None
    world.stop()


def swapped(world: World) -> None:
    """What a cleaner, ours or Kafka's, was about to put in the place of two segments."""
    world.start()
    for _ in range(3):
        world.sequenced("a")
        world.commit("a")
        world.log("a").roll(b.NOW)
    world.sequenced("a")
    world.commit("a")
    folder = world.store.folder_of("a", 0)
    bases = [segment.base_offset for segment in world.log("a").segments]
    world.stop()
    files = world.files
    paths = [f"{folder}/{names.offset_file(base, names.LOG)}" for base in bases]
    whole = b"".join(bytes(files.contents[path]) for path in paths[:2])
    files.write_file(paths[0] + names.CLEANED, whole, sync=True)
    files.write_file(paths[2] + names.DELETED, b"left", sync=True)
    files.sync_directory(folder)
    files.rename(paths[0] + names.CLEANED, paths[0] + names.SWAP)
    files.sync_directory(folder)
    world.start()
    world.sequenced("a")
    world.commit("a")


def strays(world: World) -> None:
    """A partition that nobody knows is set aside, and its name is used again."""
    world.start()
    world.sequenced("old", 2)
    world.plain("b")
    world.commit("old", "b")
    world.store.checkpoint()
    world.store.set_aside("old", 0)
    world.ledger.books.pop("old")
    world.plain("b", 2)
    world.commit("b")
    world.stop()


def unsynced(world: World) -> None:
    """What is written counts as durable: only the process may die."""
    world.is_synced = False
    topics = [f"m{number}" for number in range(5)]
    for life in range(2):
        world.start()
        for topic in topics:
            world.sequenced(topic, 2)
            log = world.log(topic)
            log.commit()
            world.ledger.book(topic).acknowledged.rise(world.ledger.count(), log.high_watermark)
            log.roll(b.NOW)
        world.store.checkpoint()
        if life == 0:
            world.stop()


def many(world: World) -> None:
    """More partitions than are synced one by one, closed and opened again."""
    world.start()
    topics = [f"m{number}" for number in range(5)]
    for _ in range(2):
        for topic in topics:
            world.sequenced(topic, 2)
        world.commit(*topics)
    world.store.checkpoint()
    world.store.delete("m4", 0, topic_id("m4"))
    world.ledger.books.pop("m4")
    world.sweep()
    world.stop()
    world.start()
    world.sequenced("m0")
    world.commit("m0")


WORKLOADS: Final[dict[str, Callable[[World], None]]] = {
    "plain": plain,
    "idempotent": idempotent,
    "transactions": transactions,
    "rolls": rolls,
    "retention": retention,
    "deleted records": deleted_records,
    "moved": moved,
    "moved and stopped": moved_and_stopped,
    "swapped": swapped,
    "strays": strays,
    "unsynced": unsynced,
    "many": many,
}
