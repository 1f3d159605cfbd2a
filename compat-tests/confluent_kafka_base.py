"""What the adapters for confluent-kafka (librdkafka), old and new, share."""

import time

from confluent_kafka import (
    Consumer,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic
from scenarios import DEADLINE_S, Record

FAST = {
    "reconnect.backoff.max.ms": 100,
    "topic.metadata.refresh.fast.interval.ms": 50,
    "log_level": 0,
}


def _record(message: Message) -> Record:
    if message.error():
        raise KafkaException(message.error())
    return Record(
        topic=message.topic(),
        partition=message.partition(),
        value=message.value(),
        key=message.key(),
        headers=tuple(message.headers() or ()),
        timestamp_ms=message.timestamp()[1],
        offset=message.offset(),
    )


class GroupMember:
    """A subscribed consumer."""

    def __init__(self, settings: dict[str, object], topic: str) -> None:
        self._consumer = Consumer(settings)
        self._consumer.subscribe([topic])

    def poll(self) -> list[Record]:
        return [_record(message) for message in self._consumer.consume(500, timeout=0.1)]

    def assignment(self) -> set[int]:
        return {where.partition for where in self._consumer.assignment()}

    def commit(self) -> None:
        self._consumer.commit(asynchronous=False)

    def close(self) -> None:
        self._consumer.close()


class ConfluentKafka:
    """See scenarios.Client; what differs before 2.0 is overridden in that version's folder."""

    has_group_deletion = True
    has_topic_listing = True

    def __init__(self, bootstrap: str) -> None:
        self._common = {"bootstrap.servers": bootstrap, **FAST}
        self.admin = AdminClient(self._common)

    def produce(self, records: list[Record], codec: str, *, idempotent: bool = False) -> None:
        producer = Producer(
            self._common
            | {"compression.type": codec, "enable.idempotence": idempotent, "linger.ms": 5}
            | ({"batch.size": 4000, "retry.backoff.ms": 20} if idempotent else {})
        )
        errors = []
        for record in records:
            producer.produce(
                record.topic,
                record.value,
                record.key,
                partition=record.partition,
                timestamp=record.timestamp_ms,
                headers=list(record.headers),
                on_delivery=lambda error, _: errors.append(error) if error else None,
            )
            producer.poll(0)
        if producer.flush(DEADLINE_S * 2) or errors:
            raise AssertionError(f"not delivered: {errors[:3]}")

    def settings(self, group: str) -> dict[str, object]:
        return self._common | {
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "session.timeout.ms": 6000,
            "heartbeat.interval.ms": 200,
            "fetch.wait.max.ms": 100,
        }

    def read(self, topic: str, start: dict[int, int], count: int) -> list[Record]:
        consumer = Consumer(self.settings("reader"))
        consumer.assign([TopicPartition(topic, *where) for where in start.items()])
        found: list[Record] = []
        while len(found) < count:
            messages = consumer.consume(count - len(found), timeout=DEADLINE_S / 4)
            if not messages:
                break
            found += map(_record, messages)
        consumer.close()
        return found

    def join(self, topic: str, group: str, instance_id: str | None = None) -> GroupMember:
        extra = {"group.instance.id": instance_id} if instance_id else {}
        return GroupMember(self.settings(group) | extra, topic)

    def offsets_at(self, topic: str, times_ms: dict[int, int]) -> dict[int, int | None]:
        consumer = Consumer(self.settings("reader"))
        asked = [TopicPartition(topic, *where) for where in times_ms.items()]
        found = consumer.offsets_for_times(asked, timeout=DEADLINE_S)
        consumer.close()
        return {w.partition: w.offset if w.offset >= 0 else None for w in found}

    def create_topic(self, topic: str, partitions: int, configs: dict[str, str]) -> None:
        new = NewTopic(topic, partitions, 1, config=configs)
        self.admin.create_topics([new])[topic].result(DEADLINE_S)
        self._wait_for_leaders(topic, partitions)

    def _wait_for_leaders(self, topic: str, partitions: int) -> None:
        """Return when all lead: batches refused by one that does not yet may change places."""
        consumer = Consumer(self.settings("watermarks"))
        give_up = time.monotonic() + DEADLINE_S
        for number in range(partitions):
            while True:
                try:
                    consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=5)
                    break
                except KafkaException:
                    assert time.monotonic() < give_up, f"{topic}-{number} has no leader"
        consumer.close()

    def add_partitions(self, topic: str, total: int) -> None:
        self.admin.create_partitions([NewPartitions(topic, total)])[topic].result(DEADLINE_S)

    def delete_topic(self, topic: str) -> None:
        self.admin.delete_topics([topic])[topic].result(DEADLINE_S)

    def topics(self) -> set[str]:
        return set(self.admin.list_topics(timeout=DEADLINE_S).topics)

    def partitions(self, topic: str) -> int:
        return len(self.admin.list_topics(topic, timeout=DEADLINE_S).topics[topic].partitions)

    def configs(self, topic: str) -> dict[str, str]:
        resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
        found = self.admin.describe_configs([resource])[resource].result(DEADLINE_S)
        return {name: entry.value for name, entry in found.items()}

    def groups(self) -> set[str]:
        return {g.group_id for g in self.admin.list_consumer_groups().result(DEADLINE_S).valid}

    def describe_group(self, group: str) -> tuple[str, int]:
        found = self.admin.describe_consumer_groups([group])[group].result(DEADLINE_S)
        return found.state.name.title(), len(found.members)

    def group_offsets(self, group: str, topic: str) -> dict[int, int]:
        from confluent_kafka import ConsumerGroupTopicPartitions  # since 2.0

        # This waits for a coordinator that loads; what follows crashes librdkafka then.
        self.committed(group, topic)
        asked = [ConsumerGroupTopicPartitions(group)]
        found = self.admin.list_consumer_group_offsets(asked)[group].result(DEADLINE_S)
        return {w.partition: w.offset for w in found.topic_partitions if w.topic == topic}

    def committed(self, group: str, topic: str) -> dict[int, int]:
        """Return a group's offsets as its members ask for them."""
        consumer = Consumer(self.settings(group))
        asked = [TopicPartition(topic, number) for number in range(self.partitions(topic))]
        found = consumer.committed(asked, timeout=DEADLINE_S)
        consumer.close()
        return {where.partition: where.offset for where in found if where.offset >= 0}

    def delete_group(self, group: str) -> None:
        self.admin.delete_consumer_groups([group])[group].result(DEADLINE_S)
