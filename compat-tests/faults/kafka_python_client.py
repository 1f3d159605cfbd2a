"""kafka-python under faults: see commands.py."""

from typing import Any

from commands import GIVE_UP_MS, REQUEST_TIMEOUT_MS, SESSION_TIMEOUT_MS, serve, until
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata


def produce(servers: str, asked: Any) -> None:
    producer = KafkaProducer(
        bootstrap_servers=servers,
        client_id=asked.client_id,
        enable_idempotence=asked.idempotent,
        acks="all",
        request_timeout_ms=REQUEST_TIMEOUT_MS,
        delivery_timeout_ms=GIVE_UP_MS,
    )
    try:
        producer.send(asked.topic, b"x", partition=0).get(timeout=GIVE_UP_MS / 1000 + 1)
    finally:
        producer.close(timeout=1)


def _consumer(servers: str, asked: Any) -> KafkaConsumer:
    return KafkaConsumer(
        bootstrap_servers=servers,
        client_id=asked.client_id,
        group_id=asked.group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        session_timeout_ms=SESSION_TIMEOUT_MS,
        heartbeat_interval_ms=400,
        max_poll_interval_ms=GIVE_UP_MS,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
    )


def fetch(servers: str, asked: Any) -> None:
    consumer = _consumer(servers, asked)
    try:
        consumer.assign([TopicPartition(asked.topic, 0)])
        consumer.seek(TopicPartition(asked.topic, 0), 0)
        until(lambda: bool(consumer.poll(timeout_ms=100)))
    finally:
        consumer.close(autocommit=False, timeout_ms=500)


def commit(servers: str, asked: Any) -> None:
    consumer = _consumer(servers, asked)
    try:
        place = TopicPartition(asked.topic, 0)
        consumer.assign([place])
        consumer.commit({place: OffsetAndMetadata(1, "", -1)}, timeout_ms=GIVE_UP_MS)
    finally:
        consumer.close(autocommit=False, timeout_ms=500)


def join(servers: str, asked: Any) -> None:
    consumer = _consumer(servers, asked)
    try:
        consumer.subscribe([asked.topic])
        until(lambda: bool(consumer.poll(timeout_ms=500)))  # less may be too little to join
    finally:
        consumer.close(autocommit=False, timeout_ms=500)


if __name__ == "__main__":
    serve(lambda error: type(error).__name__, produce, fetch, commit, join)
