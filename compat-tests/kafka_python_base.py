"""What the adapters for kafka-python 1.4, 2.0 and 3.0 share."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import (
    ConfigResource,
    ConfigResourceType,
    KafkaAdminClient,
    NewPartitions,
    NewTopic,
)
from scenarios import DEADLINE_S, Record


def _record(message: Any) -> Record:
    return Record(
        topic=message.topic,
        partition=message.partition,
        value=message.value,
        key=message.key,
        headers=tuple(message.headers),
        timestamp_ms=message.timestamp,
        offset=message.offset,
    )


class GroupMember:
    """A subscribed consumer."""

    def __init__(self, consumer: KafkaConsumer, topic: str) -> None:
        self._consumer = consumer
        consumer.subscribe([topic])

    def poll(self) -> list[Record]:
        found = self._consumer.poll(timeout_ms=100)
        return [_record(message) for messages in found.values() for message in messages]

    def assignment(self) -> set[int]:
        return {where.partition for where in self._consumer.assignment()}

    def commit(self) -> None:
        self._consumer.commit()

    def close(self) -> None:
        self._consumer.close()


class KafkaPython:
    """See scenarios.Client; what differs between versions is overridden in their folders."""

    has_group_deletion = True
    has_topic_listing = True

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap

    @contextmanager
    def admin(self) -> Iterator[KafkaAdminClient]:
        """Lend an admin client; it is a new one each time, as it does not outlive a restart."""
        admin = KafkaAdminClient(bootstrap_servers=self._bootstrap)
        try:
            yield admin
        finally:
            admin.close()

    def producer(self, codec: str, *, idempotent: bool) -> KafkaProducer:
        """Return a producer."""
        assert not idempotent
        return KafkaProducer(
            bootstrap_servers=self._bootstrap,
            acks="all",
            linger_ms=5,
            compression_type=None if codec == "none" else codec,
        )

    def produce(self, records: list[Record], codec: str, *, idempotent: bool = False) -> None:
        producer = self.producer(codec, idempotent=idempotent)
        sent = [
            producer.send(
                record.topic,
                value=record.value,
                key=record.key,
                headers=list(record.headers),
                partition=record.partition,
                timestamp_ms=record.timestamp_ms,
            )
            for record in records
        ]
        producer.flush(timeout=DEADLINE_S)
        for future in sent:
            future.get(timeout=DEADLINE_S)
        producer.close()

    def consumer(self, group: str | None, **extra: Any) -> KafkaConsumer:
        """Return a consumer that reads from the start and commits when told to."""
        return KafkaConsumer(
            bootstrap_servers=self._bootstrap,
            group_id=group,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            session_timeout_ms=6000,
            heartbeat_interval_ms=200,
            fetch_max_wait_ms=100,
            metadata_max_age_ms=1000,
            **extra,
        )

    def read(self, topic: str, start: dict[int, int], count: int) -> list[Record]:
        consumer = self.consumer(None)
        consumer.assign([TopicPartition(topic, partition) for partition in start])
        for partition, offset in start.items():
            consumer.seek(TopicPartition(topic, partition), offset)
        found: list[Record] = []
        give_up = time.monotonic() + DEADLINE_S
        while len(found) < count and time.monotonic() < give_up:
            for messages in consumer.poll(timeout_ms=1000).values():
                found += map(_record, messages)
        consumer.close()
        return found

    def join(self, topic: str, group: str, instance_id: str | None = None) -> GroupMember:
        extra = {"group_instance_id": instance_id} if instance_id else {}
        return GroupMember(self.consumer(group, **extra), topic)

    def offsets_at(self, topic: str, times_ms: dict[int, int]) -> dict[int, int | None]:
        consumer = self.consumer(None)
        asked = {TopicPartition(topic, index): time_ms for index, time_ms in times_ms.items()}
        found = consumer.offsets_for_times(asked)
        consumer.close()
        return {w.partition: at.offset if at else None for w, at in found.items()}

    def create_topic(self, topic: str, partitions: int, configs: dict[str, str]) -> None:
        with self.admin() as admin:
            admin.create_topics([NewTopic(topic, partitions, 1, topic_configs=configs)])

    def add_partitions(self, topic: str, total: int) -> None:
        with self.admin() as admin:
            admin.create_partitions({topic: NewPartitions(total)})

    def delete_topic(self, topic: str) -> None:
        with self.admin() as admin:
            admin.delete_topics([topic])

    def topics(self) -> set[str]:
        consumer = self.consumer(None)
        found = consumer.topics()
        consumer.close()
        return set(found)

    def partitions(self, topic: str) -> int:
        consumer = self.consumer(None)
        found = consumer.partitions_for_topic(topic)
        consumer.close()
        return len(found or ())

    def configs(self, topic: str) -> dict[str, str]:
        with self.admin() as admin:
            found = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
        responses = found if isinstance(found, list) else [found]
        return {
            entry[0]: entry[1]
            for response in responses
            for resource in response.resources
            for entry in resource[4]
        }

    def groups(self) -> set[str]:
        with self.admin() as admin:
            return {group for group, _ in admin.list_consumer_groups()}

    def describe_group(self, group: str) -> tuple[str, int]:
        with self.admin() as admin:
            (found,) = admin.describe_consumer_groups([group])
        return found.state, len(found.members)

    def group_offsets(self, group: str, topic: str) -> dict[int, int]:
        with self.admin() as admin:
            found = admin.list_consumer_group_offsets(group)
        return {w.partition: at.offset for w, at in found.items() if w.topic == topic}

    def delete_group(self, group: str) -> None:
        with self.admin() as admin:
            admin.delete_consumer_groups([group])
