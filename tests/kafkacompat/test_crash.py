"""A broker whose machine dies at each file operation in turn: D1-D6 hold over the next start.

The story that is cut short: a new cluster, topics made, records of an idempotent producer, rolls,
group offsets committed, a topic deleted, a metadata snapshot, a clean stop, and another start.
"""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from kafkacompat.clock import Timers
from kafkacompat.config.values import BrokerConfig
from kafkacompat.coordinator.groups.coordinator import GroupCoordinator
from kafkacompat.coordinator.groups.offsets import Committed, TopicPartition, commit_record
from kafkacompat.coordinator.outcome import Outcome
from kafkacompat.metadata import commands, startup
from kafkacompat.metadata.commands import NewTopic, Place
from kafkacompat.metadata.internal_topics import OFFSETS_TOPIC
from kafkacompat.partitions.registry import Partitions
from kafkacompat.server.reply import Reply
from kafkacompat_protocol.errors import KafkaError
from kafkacompat_protocol.records.batch import read_batches
from kafkacompat_storage.log import Appended, PartitionLog
from kafkacompat_storage.store import open_store
from kafkacompat_storage.syncing import Syncer
from tests.support.batches import read_all, write
from tests.support.clock import FakeClock
from tests.support.faulty_files import Crash, FaultyFiles, Loss
from tests.support.produced import NOW_MS, batch, values_of

DATA = "/d/data"
CONFIG = {"offsets.topic.num.partitions": "2"}
GROUP = "g"


class JournalAtOnce:
    """A journal that syncs each append before it returns, in the caller's thread."""

    def __init__(self) -> None:
        self._syncer = Syncer()

    def append(self, log: PartitionLog, batches: memoryview, **how: Any) -> Appended:
        return self.produce(log, batches, from_client=False, **how)

    def produce(self, log: PartitionLog, batches: memoryview, **how: Any) -> Appended:
        appended = write(log, batches, **how)
        pending = log.begin_commit()
        assert not self._syncer.sync([pending])
        log.end_commit(pending)
        return appended

    def is_durable(self, ticket: int) -> bool:
        return True

    def when_durable(self, appended: Appended, callback: Any) -> None:
        callback(None)


class Story:
    """What clients were told until the crash."""

    def __init__(self, files: FaultyFiles) -> None:
        self.files = files
        self.topics: dict[str, bytes] = {}
        self.removing: set[str] = set()
        self.sent: list[bytes] = []
        self.acknowledged = 0
        self.committed = -1
        self.committing = -1
        self.epoch = 0
        self.node: Any

    def start(self) -> None:
        """Do what a node's start does, without its sockets."""
        clock, config = FakeClock(), BrokerConfig(CONFIG)
        store = open_store([DATA], node_id=1, now_ms=NOW_MS, files=self.files)
        store.recover()
        journal = cast(Any, JournalAtOnce())
        metadata = startup.open_log(store, journal, NOW_MS)
        assert metadata.leader_epoch >= self.epoch, "an epoch was used twice"
        metadata.begin_epoch(1, NOW_MS)
        self.epoch = metadata.leader_epoch
        self.node = SimpleNamespace(
            config=config,
            clock=clock,
            timers=Timers(clock),
            store=store,
            journal=journal,
            metadata=metadata,
            image=metadata.image,
            is_stopping=False,
            partitions=Partitions(metadata.image, store, config, 1),
        )
        self.node.groups = GroupCoordinator(self.node)
        startup.remove_orphans(metadata.image, store, metadata.removed)

    def command(self, records: list[Any]) -> None:
        told: list[KafkaError | None] = []
        self.node.metadata.append(records, NOW_MS, told.append)
        assert told == [None]

    def create(self, name: str, partitions: int = 1, **configs: str | None) -> None:
        wanted = NewTopic(name, partitions, 1, configs=configs)
        place = Place(1, self.node.store.directory_id)
        self.command(commands.create_topic(self.node.image, wanted, self.node.config, place))
        self.topics[name] = self.node.image.topics[name].topic_id

    def delete(self, name: str) -> None:
        topic = self.node.image.topics[name]
        self.removing.add(name)
        self.command(commands.delete_topic(topic))
        del self.topics[name]
        self.node.partitions.remove_topic(topic)

    def produce(self, count: int) -> None:
        for _ in range(count):
            number = len(self.sent)
            content = batch(
                b"%d" % number * 30, producer_id=7, producer_epoch=0, base_sequence=number
            )
            self.sent.append(content)
            partition = self.node.partitions.find("t", 0)
            appended = self.node.journal.produce(
                partition.log,
                memoryview(bytearray(content)),
                now_ms=NOW_MS,
                leader_epoch=partition.leader_epoch,
            )
            assert appended.base_offset == number, "D4"
            self.acknowledged = number + 1

    def commit(self, offset: int) -> None:
        self.committing = offset
        write = commit_record(
            GROUP, TopicPartition("t", 0), Committed(offset, -1, "note"), (NOW_MS, -1)
        )
        reply = Reply()
        shard = self.node.groups.shard(GROUP)
        self.node.groups.run(shard, Outcome(records=[write], replies=[(reply, "done")]))
        assert reply.is_done
        self.committed = offset

    def found_commit(self) -> int:
        offsets = self.node.groups.shard(GROUP).offsets.of(GROUP)
        found = offsets.get(TopicPartition("t", 0))
        return -1 if found is None else found.offset

    def run(self) -> None:
        self.start()
        self.create("t", **{"segment.bytes": str(1 << 20)})
        self.create(OFFSETS_TOPIC, 2)
        self.produce(3)
        self.commit(2)
        self.node.partitions.find("t", 0).log.roll(NOW_MS)
        self.produce(2)
        self.create("gone", 2)
        self.delete("gone")
        self.node.store.checkpoint()
        self.commit(4)
        self.node.metadata.write_snapshot(NOW_MS)
        self.create("late", 2)
        self.produce(1)
        self.node.store.close(clean=True)
        self.start()
        self.produce(2)
        self.commit(7)


def check(story: Story, survivors: tuple[dict[str, bytes], set[str]]) -> None:
    """Start anew from what is left, and hold it against what clients were told."""
    after = Story(FaultyFiles(survivors))
    after.epoch = story.epoch
    after.start()
    image = after.node.image
    for name, topic_id in story.topics.items():
        if name not in story.removing:
            assert image.topics[name].topic_id == topic_id, "an acknowledged topic is gone"
    for topic in image.topics.values():
        expected = 2 if topic.name in (OFFSETS_TOPIC, "late", "gone") else 1
        assert len(topic.partitions) == expected, "half a topic"
    if "t" not in image.topics:
        assert story.acknowledged == 0
        return
    log = after.node.partitions.find("t", 0).log
    assert story.acknowledged <= log.high_watermark <= len(story.sent), "D1"
    content = read_all(log)
    offsets = [header.base_offset for _, header in read_batches(content)]
    assert offsets == list(range(log.high_watermark)), "D1: a hole"
    for offset, value in values_of(content):
        assert value == b"%d" % offset * 30, "D2"
    if OFFSETS_TOPIC in image.topics:
        assert story.committed <= after.found_commit() <= story.committing, "D6"
    else:
        assert story.committed == -1
    after.sent, after.acknowledged = story.sent[: log.high_watermark], log.high_watermark
    for number in range(max(0, log.high_watermark - 5), log.high_watermark):
        again = write(log, memoryview(bytearray(story.sent[number])), now_ms=NOW_MS, leader_epoch=0)
        assert (again.base_offset, again.is_duplicate) == (number, True), "D5"
    after.produce(2)


def operations_of_the_story() -> int:
    files = FaultyFiles()
    Story(files).run()
    return files.operations


@pytest.mark.parametrize("loss", ["power", "torn", "kill"])
def test_what_clients_were_told_is_true_after_a_crash_at_any_operation(loss: Loss) -> None:
    total = operations_of_the_story()
    assert total > 60
    for number in range(1, total + 1):
        files = FaultyFiles(crash_at=number)
        story = Story(files)
        with pytest.raises(Crash):
            story.run()
        check(story, files.survivors(loss))
