"""What a cluster holds, seen through librdkafka: fill one, and read all of it again."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from confluent_kafka import (
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaException,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, ConfigResource, ConfigSource, NewPartitions, NewTopic

T = TypeVar("T")
CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
PARTITIONS = 3
RECORDS = 90
START_MS = 1_700_000_000_000
DEADLINE_S = 40

CONFIGS: dict[str, dict[str, str]] = {
    "none": {"retention.ms": "-1", "segment.bytes": "1048576"},
    "gzip": {"retention.ms": "-1", "cleanup.policy": "compact,delete"},
    "snappy": {"retention.ms": "-1", "message.timestamp.type": "CreateTime"},
    "lz4": {"retention.ms": "-1", "max.message.bytes": "2000000"},
    "zstd": {"retention.ms": "-1", "compression.type": "zstd", "index.interval.bytes": "200"},
}
"""The times of the records are old, so that nothing may be deleted by age."""

Row = tuple[int, bytes | None, bytes | None, tuple[tuple[str, bytes], ...], int]
"""Offset, key, value, headers and time of a record."""


@dataclass
class Contents:
    """All topics, their configurations, their records and the groups' offsets."""

    configs: dict[str, dict[str, str]] = field(default_factory=dict)
    records: dict[tuple[str, int], list[Row]] = field(default_factory=dict)
    offsets: dict[tuple[str, str, int], tuple[int, str]] = field(default_factory=dict)

    def add(self, other: "Contents") -> None:
        """Take in what was added to the cluster."""
        self.configs |= other.configs
        self.records |= other.records
        self.offsets |= other.offsets


def _client(bootstrap: str, **extra: Any) -> dict[str, Any]:
    return {"bootstrap.servers": bootstrap, "log_level": 0, **extra}


def _patiently(call: Callable[[], T]) -> T:
    """Call again while a real Kafka, which has only just started, refuses."""
    give_up = time.monotonic() + DEADLINE_S
    while True:
        try:
            return call()
        except KafkaException:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.1)


def fill(bootstrap: str, prefix: str) -> Contents:
    """Make a topic for each codec, records in it and a group with offsets; return all that."""
    admin = AdminClient(_client(bootstrap))
    topics = {f"{prefix}-{codec}": codec for codec in CODECS}
    new = [NewTopic(t, PARTITIONS, 1, config=CONFIGS[codec]) for t, codec in topics.items()]
    for future in admin.create_topics(new).values():
        future.result(DEADLINE_S)
    made = Contents(configs={topic: CONFIGS[codec] for topic, codec in topics.items()})
    for topic, codec in topics.items():
        _produce(bootstrap, topic, codec, made, list(range(PARTITIONS)))
    made.offsets = _commit(bootstrap, f"{prefix}-group", list(topics))
    return made


def change(bootstrap: str, prefix: str, known: Contents) -> None:
    """Change what `fill` made: more records, more partitions, a topic less, other offsets."""
    admin = AdminClient(_client(bootstrap))
    grown, deleted, group = f"{prefix}-none", f"{prefix}-snappy", f"{prefix}-group"
    admin.create_partitions([NewPartitions(grown, 5)])[grown].result(DEADLINE_S)
    _produce(bootstrap, grown, "zstd", known, list(range(5)))
    _produce(bootstrap, f"{prefix}-gzip", "lz4", known, [0, 2])
    admin.delete_topics([deleted])[deleted].result(DEADLINE_S)
    for held in (known.records, known.offsets):
        for where in [where for where in held if deleted in where]:
            del held[where]  # type: ignore[attr-defined]
    del known.configs[deleted]
    known.offsets |= _commit(bootstrap, group, [grown])


def _produce(bootstrap: str, topic: str, codec: str, made: Contents, partitions: list[int]) -> None:
    producer = Producer(
        _client(
            bootstrap,
            **{"compression.type": codec, "enable.idempotence": True, "batch.num.messages": 7},
        )
    )
    failed: list[object] = []
    for number in range(RECORDS):
        key = b"key %d" % number
        value = b"value %d of %s. " % (number, topic.encode()) * number
        headers = (("number", b"%d" % number), ("empty", b""))[: number % 3]
        partition = partitions[number % len(partitions)]
        rows = made.records.setdefault((topic, partition), [])
        rows.append((len(rows), key, value, headers, START_MS + number))
        producer.produce(
            topic,
            value,
            key,
            partition=partition,
            headers=list(headers),
            timestamp=START_MS + number,
            on_delivery=lambda error, _: failed.append(error) if error else None,
        )
    if producer.flush(DEADLINE_S) or failed:
        raise AssertionError(f"not delivered: {failed[:3]}")


def _commit(
    bootstrap: str, group: str, topics: list[str]
) -> dict[tuple[str, str, int], tuple[int, str]]:
    consumer = Consumer(_client(bootstrap, **{"group.id": group}))
    where = [
        TopicPartition(topic, index, 5 + number * PARTITIONS + index, f"note {index}")
        for number, topic in enumerate(topics)
        for index in range(PARTITIONS)
    ]
    _patiently(lambda: consumer.commit(offsets=where, asynchronous=False))
    consumer.close()
    return {(group, w.topic, w.partition): (w.offset, w.metadata) for w in where}


def contents(bootstrap: str) -> Contents:
    """Return all that a cluster holds, but for internal topics."""
    admin = AdminClient(_client(bootstrap))
    found = Contents()
    topics = {
        name: topic
        for name, topic in admin.list_topics(timeout=DEADLINE_S).topics.items()
        if not name.startswith("__")
    }
    if not topics:
        return found
    resources = [ConfigResource(ConfigResource.Type.TOPIC, name) for name in topics]
    for resource, future in admin.describe_configs(resources).items():
        found.configs[resource.name] = {
            entry.name: entry.value
            for entry in future.result(DEADLINE_S).values()
            if entry.source == ConfigSource.DYNAMIC_TOPIC_CONFIG.value
        }
    partitions = [(name, index) for name, topic in topics.items() for index in topic.partitions]
    found.records = read(bootstrap, partitions)
    for group in _patiently(lambda: _groups(admin)):
        found.offsets |= _offsets(admin, group)
    return found


def _groups(admin: AdminClient) -> list[str]:
    found = admin.list_consumer_groups().result(DEADLINE_S)
    if found.errors:
        raise found.errors[0]
    return [listed.group_id for listed in found.valid]


def _offsets(admin: AdminClient, group: str) -> dict[tuple[str, str, int], tuple[int, str]]:
    asked = [ConsumerGroupTopicPartitions(group)]
    found = _patiently(lambda: admin.list_consumer_group_offsets(asked)[group].result(DEADLINE_S))
    return {
        (group, w.topic, w.partition): (w.offset, w.metadata)
        for w in found.topic_partitions or ()
        if w.offset >= 0
    }


def read(bootstrap: str, partitions: list[tuple[str, int]]) -> dict[tuple[str, int], list[Row]]:
    """Return all records of some partitions."""
    settings = {"group.id": "reader", "enable.auto.commit": False, "check.crcs": True}
    consumer = Consumer(_client(bootstrap, **settings))
    ends = {}
    for where in partitions:
        ask = partial(consumer.get_watermark_offsets, TopicPartition(*where), timeout=DEADLINE_S)
        ends[where] = _patiently(ask)[1]
    consumer.assign([TopicPartition(*where, 0) for where in partitions])
    rows: dict[tuple[str, int], list[Row]] = {where: [] for where in partitions}
    missing = sum(ends.values())
    give_up = time.monotonic() + DEADLINE_S
    while missing > 0 and time.monotonic() < give_up:
        for message in consumer.consume(min(missing, 1000), timeout=0.1):
            if message.error():
                raise KafkaException(message.error())
            headers = tuple(message.headers() or ())
            row = (message.offset(), message.key(), message.value(), headers)
            rows[message.topic(), message.partition()].append((*row, message.timestamp()[1]))
            missing -= 1
    consumer.close()
    return rows
