"""confluent-kafka, so librdkafka, under faults: see commands.py."""

from typing import Any

from commands import GIVE_UP_MS, REQUEST_TIMEOUT_MS, SESSION_TIMEOUT_MS, serve, until
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition


def produce(servers: str, asked: Any) -> None:
    producer = Producer(
        {
            "bootstrap.servers": servers,
            "client.id": asked.client_id,
            "enable.idempotence": asked.idempotent,
            "acks": "all",
            "linger.ms": 0,
            "socket.timeout.ms": REQUEST_TIMEOUT_MS,
            "request.timeout.ms": REQUEST_TIMEOUT_MS,
            "delivery.timeout.ms": GIVE_UP_MS,
        }
    )
    told: list[Any] = []
    producer.produce(
        asked.topic, b"x", partition=0, on_delivery=lambda error, _: told.append(error)
    )

    def step() -> bool:
        producer.poll(0.1)
        return bool(told)

    until(step)
    if told[0] is not None:
        raise KafkaException(told[0])


def _consumer(servers: str, asked: Any) -> Consumer:
    return Consumer(
        {
            "bootstrap.servers": servers,
            "client.id": asked.client_id,
            "group.id": asked.group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "session.timeout.ms": SESSION_TIMEOUT_MS,
            "heartbeat.interval.ms": 400,
            "max.poll.interval.ms": GIVE_UP_MS,
            "socket.timeout.ms": REQUEST_TIMEOUT_MS,
            "fetch.wait.max.ms": 500,
        }
    )


def _read(consumer: Consumer) -> None:
    def step() -> bool:
        message = consumer.poll(0.1)
        if message is not None and message.error():
            raise KafkaException(message.error())
        return message is not None

    until(step)


def fetch(servers: str, asked: Any) -> None:
    consumer = _consumer(servers, asked)
    try:
        consumer.assign([TopicPartition(asked.topic, 0, 0)])
        _read(consumer)
    finally:
        consumer.close()


def commit(servers: str, asked: Any) -> None:
    consumer = _consumer(servers, asked)
    try:
        place = TopicPartition(asked.topic, 0, 1)
        consumer.assign([place])
        (told,) = consumer.commit(offsets=[place], asynchronous=False)
        if told.error:
            raise KafkaException(told.error)
    finally:
        consumer.close()


def join(servers: str, asked: Any) -> None:
    consumer = _consumer(servers, asked)
    try:
        consumer.subscribe([asked.topic])
        _read(consumer)
    finally:
        consumer.close()


def name_of(error: BaseException) -> str:
    return str(error.args[0].name()) if isinstance(error, KafkaException) else type(error).__name__


if __name__ == "__main__":
    serve(name_of, produce, fetch, commit, join)
