"""aiokafka for the transactions of transacting.py; its event loop runs in a thread."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from transacting import PARTITIONS, Poller, Row, main

T = TypeVar("T")
PATIENCE_S = 20
LOOP = asyncio.new_event_loop()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the loop and wait for its result."""
    return asyncio.run_coroutine_threadsafe(work, LOOP).result(PATIENCE_S)


class AioKafka:
    """See transacting.Transactor."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._groups: dict[str, str] = {}
        self._producers: dict[str, AIOKafkaProducer] = {}
        self._consumers: dict[str, AIOKafkaConsumer] = {}

    def open(
        self, name: str, transactional_id: str, timeout_ms: int, group: str, topic: str
    ) -> None:
        async def work() -> None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap,
                transactional_id=transactional_id,
                transaction_timeout_ms=timeout_ms,
            )
            self._producers[name] = producer
            await producer.start()
            if group:
                self._groups[name] = group
                consumer = self._consumers[name] = AIOKafkaConsumer(
                    topic,
                    bootstrap_servers=self._bootstrap,
                    group_id=group,
                    auto_offset_reset="earliest",
                    enable_auto_commit=False,
                    isolation_level="read_committed",
                    fetch_max_wait_ms=50,
                )
                await consumer.start()

        run(work())

    def begin(self, name: str) -> None:
        run(self._producers[name].begin_transaction())

    def send(self, name: str, topic: str, partition: int, value: str) -> None:
        run(self._producers[name].send_and_wait(topic, value.encode(), partition=partition))

    def transform(self, name: str, topic: str, count: int) -> None:
        async def work() -> None:
            producer, consumer = self._producers[name], self._consumers[name]
            missing = count
            while missing > 0:
                found = await consumer.getmany(timeout_ms=500)
                for part, messages in found.items():
                    for message in messages:
                        value = message.value.upper()
                        await producer.send(topic, value, partition=part.partition)
                        missing -= 1
            offsets = {part: await consumer.position(part) for part in consumer.assignment()}
            await producer.send_offsets_to_transaction(offsets, self._groups[name])

        run(work())

    def commit(self, name: str) -> None:
        run(self._producers[name].commit_transaction())

    def abort(self, name: str) -> None:
        run(self._producers[name].abort_transaction())

    def close(self, name: str) -> None:
        run(self._producers.pop(name).stop())
        if name in self._consumers:
            run(self._consumers.pop(name).stop())


def reader(bootstrap: str, topics: list[str]) -> Poller:
    async def made() -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap, isolation_level="read_committed", fetch_max_wait_ms=50
        )
        await consumer.start()
        parts = [TopicPartition(topic, part) for topic in topics for part in range(PARTITIONS)]
        consumer.assign(parts)
        await consumer.seek_to_beginning(*parts)
        return consumer

    consumer = run(made())

    def poll() -> list[Row]:
        found = run(consumer.getmany(timeout_ms=100)).values()
        return [(m.topic, m.partition, m.offset, m.value) for messages in found for m in messages]

    return poll


if __name__ == "__main__":
    threading.Thread(target=LOOP.run_forever, daemon=True).start()
    main(AioKafka, reader)
