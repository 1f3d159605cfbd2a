"""Retention, compaction and deletion: how fast they are, and whom they keep waiting meanwhile."""

import random
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks import generator
from benchmarks.brokers import Broker, BrokerError, kafka, ours
from benchmarks.generator import Topic
from benchmarks.probe import probing
from benchmarks.report import BASE, OURS, Better, Target
from benchmarks.story import Start, Story, fill
from kafkacompat.embedded.client import Client as WireClient
from kafkacompat.embedded.client import check
from kafkacompat.embedded.data import LATEST, DataPowers
from kafkacompat_protocol.errors import KafkaError
from kafkacompat_protocol.messages.incremental_alter_configs import (
    IncrementalAlterableConfig,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResource,
)
from kafkacompat_protocol.messages.produce import (
    PartitionProduceData,
    ProduceRequest,
    TopicProduceData,
)
from kafkacompat_protocol.records.record import Record, build_records_batch

MEGABYTE = 1_000_000
PATIENCE_S = 600.0
LED_WITHIN_S = 60.0
RETENTION_MB, COMPACTED_MB = 2000, 500
SEGMENT_BYTES = "1048576"
KEYS, VALUE_BYTES, RECORDS_A_BATCH, BATCHES = 50_000, 1000, 500, 64
PAUSE = Target(bound=20)
"""Milliseconds; most of it is the machine's: an idle broker's longest answer is 2 to 10."""
NOT_LED = (3, 5, 6)
SETTINGS = {
    "log_retention_check_interval_ms": "1000",
    "log_cleaner_backoff_ms": "100",
    "log_segment_delete_delay_ms": "0",
}
BROKERS: dict[str, Start] = {
    BASE: partial(kafka, log_initial_task_delay_ms="0", **SETTINGS),
    OURS: lambda at: ours(at, "os", *(f"{k.replace('_', '.')}={v}" for k, v in SETTINGS.items())),
}
TOPIC_RESOURCE, SET = 2, 0


class Client(DataPowers):
    """One connection to a broker."""

    def __init__(self, broker: Broker) -> None:
        self._client = WireClient(broker.address)
        self.call = self._client.call

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *error: object) -> None:
        self._client.close()

    def create(self, name: str, partitions: int, **configs: str) -> None:
        """Make a topic; underscores in names of configurations are dots. Errors: KafkaError."""
        config = {key.replace("_", "."): value for key, value in configs.items()}
        self.create_topic(name, partitions, replicas=1, config=config)

    def alter(self, name: str, **configs: str) -> None:
        """Set configurations of a topic. Errors: KafkaError."""
        changes = [_setting(key, value) for key, value in configs.items()]
        resource = IncrementalAlterConfigsResource(
            resource_type=TOPIC_RESOURCE, resource_name=name, configs=changes
        )
        told = self.call(IncrementalAlterConfigsRequest(resources=[resource]), 1).responses[0]
        check(told.error_code, told.error_message)

    def end(self, name: str) -> int:
        """Return the next offset of partition 0, -1 while it has no leader."""
        try:
            return self._offset(name, 0, LATEST)
        except KafkaError:
            return -1


def _setting(key: str, value: str) -> IncrementalAlterableConfig:
    return IncrementalAlterableConfig(name=key.replace("_", "."), config_operation=SET, value=value)


def wait_for(condition: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    """Ask until something is true. Errors: BrokerError."""
    give_up = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > give_up:
            raise BrokerError(f"{what} takes more than {patience_s:.0f} s")
        time.sleep(0.01)


def idle(story: Story, start: Start, where: Path, scale: float) -> None:
    """What the probe finds where nothing happens: the machine's own share."""
    with start(where) as broker:
        with probing(broker) as waits:
            time.sleep(max(1.0, 10 * scale))
        story.figure(broker.name, "longest answer", "ms", waits.longest_ms)


def retention(story: Story, start: Start, where: Path, scale: float) -> None:
    """Have everything but the last segment of one partition deleted."""
    topic = Topic("old", 1)
    with start(where) as broker, Client(broker) as client:
        size = RETENTION_MB * MEGABYTE * scale
        client.create("old", 1, segment_bytes=SEGMENT_BYTES, file_delete_delay_ms="0")
        wait_for(lambda: client.end("old") == 0, "to get a leader")
        fill(broker, topic, size)
        folder = _folder(broker, "old-0")
        with probing(broker) as waits:
            began = time.perf_counter()
            client.alter("old", retention_bytes="1")
            wait_for(lambda: len(list(folder.glob("*.log"))) <= 1, "retention")
            took = time.perf_counter() - began
        rate = size / took / MEGABYTE
        story.figure(broker.name, "deleted", "MB/s", rate, better=Better.MORE, target=Target(1))
        story.figure(broker.name, "longest answer meanwhile", "ms", waits.longest_ms, target=PAUSE)


def compaction(story: Story, start: Start, where: Path, scale: float) -> None:
    """Compact one partition of 1 KB records once, up to its last segment."""
    with start(where) as broker, Client(broker) as client:
        size = COMPACTED_MB * MEGABYTE * scale
        client.create(
            "keyed",
            1,
            cleanup_policy="compact",
            min_compaction_lag_ms=str(1 << 40),
            segment_bytes=str(64 << 20),
        )
        _fill_keyed(client, "keyed", size)
        checkpoint = _folder(broker, "keyed-0").parent / "cleaner-offset-checkpoint"
        last = max(int(path.stem) for path in _folder(broker, "keyed-0").glob("*.log"))
        with probing(broker) as waits:
            began = time.perf_counter()
            client.alter("keyed", min_compaction_lag_ms="0", min_cleanable_dirty_ratio="0.01")
            wait_for(lambda: _cleaned_to(checkpoint, "keyed 0") >= last, "compaction")
            took = time.perf_counter() - began
        rate = size / took / MEGABYTE
        story.figure(broker.name, "compacted", "MB/s", rate, better=Better.MORE)
        story.figure(broker.name, "longest answer meanwhile", "ms", waits.longest_ms, target=PAUSE)
        left = sum(path.stat().st_size for path in _folder(broker, "keyed-0").glob("*.log"))
        story.figure(broker.name, "left of it", "MB", left / MEGABYTE)


def deletion(story: Story, start: Start, where: Path, scale: float) -> None:
    """Delete a topic of 1,000 partitions that were all written to."""
    topic = Topic("wide", max(10, int(1000 * scale)))
    single = ("--record-bytes", "100", "--records-per-batch", "1", "--acks", "-1")
    once = ("--requests", str(topic.partitions * 4), "--window", "50")
    with start(where) as broker, Client(broker) as client:
        generator.create(broker, topic)
        arguments = topic.filled_in(("produce", "--topic", "{topic}", *single, *once))
        generator.generate(broker, *arguments, patience_s=PATIENCE_S)
        assert broker.folder is not None
        with probing(broker) as waits:
            began = time.perf_counter()
            client.delete_topic("wide")
            wait_for(lambda: not broker.holds("wide"), "deletion")
            took = time.perf_counter() - began
        story.figure(broker.name, "gone from the disk", "s", took)
        story.figure(broker.name, "longest answer meanwhile", "ms", waits.longest_ms, target=PAUSE)


def _folder(broker: Broker, name: str) -> Path:
    assert broker.folder is not None
    return broker.folder / name


def _cleaned_to(checkpoint: Path, partition: str) -> int:
    """Return up to which offset a partition was compacted, as the checkpoint says."""
    if not checkpoint.exists():
        return -1
    lines = [line for line in checkpoint.read_text().splitlines() if line.startswith(partition)]
    return int(lines[0].split()[-1]) if lines else -1


def _keyed_batch(now_ms: int) -> bytes:
    records = [
        Record(at, now_ms, b"key-%d" % random.randrange(KEYS), random.randbytes(VALUE_BYTES))
        for at in range(RECORDS_A_BATCH)
    ]
    return bytes(build_records_batch(records))


def _fill_keyed(client: Client, topic: str, size: float) -> None:
    """Produce keyed records; each batch differs from the 63 before it. Errors: KafkaError."""
    random.seed(7)
    now_ms = int(time.time() * 1000)
    batches = [_keyed_batch(now_ms) for _ in range(BATCHES)]
    give_up = time.monotonic() + LED_WITHIN_S
    number, sent = 0, 0
    while sent < size:
        content = batches[number % BATCHES]
        data = PartitionProduceData(index=0, records=content)
        wanted = TopicProduceData(name=topic, partition_data=[data])
        request = ProduceRequest(acks=-1, timeout_ms=30_000, topic_data=[wanted])
        told = client.call(request, 8).responses[0].partition_responses[0]
        if told.error_code in NOT_LED and time.monotonic() < give_up:
            time.sleep(0.05)
            continue
        check(told.error_code, told.error_message)
        number, sent = number + 1, sent + len(content)


STORIES = {
    "idle": idle,
    "retention of 2 GB": retention,
    "compaction of 500 MB": compaction,
    "deletion of 1,000 partitions": deletion,
}
