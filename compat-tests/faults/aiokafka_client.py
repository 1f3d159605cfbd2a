"""aiokafka under faults: see commands.py. Each command has a loop of its own."""

import asyncio
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from commands import GIVE_UP_MS, REQUEST_TIMEOUT_MS, SESSION_TIMEOUT_MS, GaveUp, serve


def produce(servers: str, asked: Any) -> None:
    async def story() -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=servers,
            client_id=asked.client_id,
            enable_idempotence=asked.idempotent,
            acks="all",
            request_timeout_ms=REQUEST_TIMEOUT_MS,
        )
        await producer.start()
        try:
            await producer.send_and_wait(asked.topic, b"x", partition=0)
        finally:
            await asyncio.wait_for(producer.stop(), 1)

    _bounded(story())


def _bounded(story: Any) -> None:
    async def run() -> None:
        try:
            async with asyncio.timeout(GIVE_UP_MS / 1000) as bound:
                await story
        except TimeoutError:
            if bound.expired():
                raise GaveUp from None
            raise

    asyncio.run(run())


def _reading(servers: str, asked: Any, act: Any) -> None:
    async def story() -> None:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=servers,
            client_id=asked.client_id,
            group_id=asked.group,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            session_timeout_ms=SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=400,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
        )
        await consumer.start()
        try:
            await act(consumer, TopicPartition(asked.topic, 0))
        finally:
            await asyncio.wait_for(consumer.stop(), 1)

    _bounded(story())


def fetch(servers: str, asked: Any) -> None:
    async def act(consumer: AIOKafkaConsumer, place: TopicPartition) -> None:
        consumer.assign([place])
        consumer.seek(place, 0)
        await consumer.getone()

    _reading(servers, asked, act)


def commit(servers: str, asked: Any) -> None:
    async def act(consumer: AIOKafkaConsumer, place: TopicPartition) -> None:
        consumer.assign([place])
        await consumer.commit({place: 1})

    _reading(servers, asked, act)


def join(servers: str, asked: Any) -> None:
    async def act(consumer: AIOKafkaConsumer, place: TopicPartition) -> None:
        consumer.subscribe([place.topic])
        await consumer.getone()

    _reading(servers, asked, act)


if __name__ == "__main__":
    serve(lambda error: type(error).__name__, produce, fetch, commit, join)
