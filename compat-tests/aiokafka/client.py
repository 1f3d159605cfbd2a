"""aiokafka for the scenarios: its event loop runs in a thread beside them."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from scenarios import DEADLINE_S, Record, serve

T = TypeVar("T")
LOOP = asyncio.new_event_loop()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the loop and wait for its result."""
    return asyncio.run_coroutine_threadsafe(work, LOOP).result(DEADLINE_S * 2)


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

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer

    def poll(self) -> list[Record]:
        found = run(self._consumer.getmany(timeout_ms=100))
        return [_record(message) for messages in found.values() for message in messages]

    def assignment(self) -> set[int]:
        return {where.partition for where in self._consumer.assignment()}

    def commit(self) -> None:
        run(self._consumer.commit())

    def close(self) -> None:
        run(self._consumer.stop())


class AioKafka:
    """See scenarios.Client."""

    has_group_deletion = False  # its admin client has no such call
    has_topic_listing = True

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()

    def produce(self, records: list[Record], codec: str, *, idempotent: bool = False) -> None:
        async def work() -> None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap,
                acks="all",
                linger_ms=5,
                compression_type=None if codec == "none" else codec,
                enable_idempotence=idempotent,
                max_batch_size=4000 if idempotent else 16384,
            )
            await producer.start()
            sent = [
                await producer.send(
                    record.topic,
                    value=record.value,
                    key=record.key,
                    headers=list(record.headers),
                    partition=record.partition,
                    timestamp_ms=record.timestamp_ms,
                )
                for record in records
            ]
            await asyncio.gather(*sent)
            await producer.stop()

        run(work())

    def _consumer(self, *topics: str, group: str | None, **extra: Any) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            *topics,
            bootstrap_servers=self._bootstrap,
            group_id=group,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            session_timeout_ms=6000,
            heartbeat_interval_ms=200,
            fetch_max_wait_ms=100,
            **extra,
        )

    @asynccontextmanager
    async def _reader(self, topic: str, partitions: list[int]) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = self._consumer(group=None)
        await consumer.start()
        consumer.assign([TopicPartition(topic, partition) for partition in partitions])
        try:
            yield consumer
        finally:
            await consumer.stop()

    def read(self, topic: str, start: dict[int, int], count: int) -> list[Record]:
        async def work() -> list[Record]:
            found: list[Record] = []
            async with self._reader(topic, list(start)) as consumer:
                for partition, offset in start.items():
                    consumer.seek(TopicPartition(topic, partition), offset)
                give_up = time.monotonic() + DEADLINE_S
                while len(found) < count and time.monotonic() < give_up:
                    for messages in (await consumer.getmany(timeout_ms=1000)).values():
                        found += map(_record, messages)
            return found

        return run(work())

    def join(self, topic: str, group: str, instance_id: str | None = None) -> GroupMember:
        async def work() -> GroupMember:
            consumer = self._consumer(topic, group=group, group_instance_id=instance_id)
            await consumer.start()
            return GroupMember(consumer)

        return run(work())

    def offsets_at(self, topic: str, times_ms: dict[int, int]) -> dict[int, int | None]:
        async def work() -> dict[int, int | None]:
            asked = {TopicPartition(topic, index): at_ms for index, at_ms in times_ms.items()}
            async with self._reader(topic, list(times_ms)) as consumer:
                found = await consumer.offsets_for_times(asked)
            return {w.partition: at.offset if at else None for w, at in found.items()}

        return run(work())

    def create_topic(self, topic: str, partitions: int, configs: dict[str, str]) -> None:
        async def work() -> None:
            async with self._admin() as admin:
                await admin.create_topics([NewTopic(topic, partitions, 1, topic_configs=configs)])

        run(work())

    def add_partitions(self, topic: str, total: int) -> None:
        async def work() -> None:
            async with self._admin() as admin:
                await admin.create_partitions({topic: NewPartitions(total)})

        run(work())

    def delete_topic(self, topic: str) -> None:
        async def work() -> None:
            async with self._admin() as admin:
                await admin.delete_topics([topic])

        run(work())

    def topics(self) -> set[str]:
        async def work() -> set[str]:
            async with self._admin() as admin:
                return set(await admin.list_topics())

        return run(work())

    def partitions(self, topic: str) -> int:
        async def work() -> int:
            async with self._admin() as admin:
                (found,) = await admin.describe_topics([topic])
                return len(found["partitions"])

        return run(work())

    def configs(self, topic: str) -> dict[str, str]:
        async def work() -> dict[str, str]:
            async with self._admin() as admin:
                resource = ConfigResource(ConfigResourceType.TOPIC, topic)
                (found,) = await admin.describe_configs([resource])
                return {entry[0]: entry[1] for entry in found.resources[0][4]}

        return run(work())

    def groups(self) -> set[str]:
        async def work() -> set[str]:
            async with self._admin() as admin:
                return {group for group, *_ in await admin.list_consumer_groups()}

        return run(work())

    def describe_group(self, group: str) -> tuple[str, int]:
        async def work() -> tuple[str, int]:
            async with self._admin() as admin:
                (found,) = await admin.describe_consumer_groups([group])
                described = found.to_object()["groups"][0]
                return described["state"], len(described["members"])

        return run(work())

    def group_offsets(self, group: str, topic: str) -> dict[int, int]:
        async def work() -> dict[int, int]:
            async with self._admin() as admin:
                found = await admin.list_consumer_group_offsets(group)
                return {w.partition: at.offset for w, at in found.items() if w.topic == topic}

        return run(work())

    def delete_group(self, group: str) -> None:
        raise NotImplementedError


if __name__ == "__main__":
    threading.Thread(target=LOOP.run_forever, daemon=True).start()
    serve(AioKafka)
