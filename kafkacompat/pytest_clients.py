"""Clients for the fixtures, of whichever library is installed: confluent-kafka or kafka-python."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

SETTLES_S = 10


def library() -> str:
    """Return the name of the library. Errors: ImportError where there is none."""
    for name in ("confluent_kafka", "kafka"):
        if find_spec(name) is not None:
            return name
    raise ImportError("install confluent-kafka or kafka-python for these fixtures")


@contextmanager
def producer(bootstrap_servers: str) -> Iterator[Any]:
    """Make a producer; what it was given is sent before it ends."""
    if library() == "confluent_kafka":
        from confluent_kafka import Producer

        fast = Producer({"bootstrap.servers": bootstrap_servers, "linger.ms": 0})
        yield fast
        fast.flush(SETTLES_S)
        return
    from kafka import KafkaProducer

    made = KafkaProducer(bootstrap_servers=bootstrap_servers)
    yield made
    made.close(timeout=SETTLES_S)


@contextmanager
def consumer(bootstrap_servers: str, *, group: str) -> Iterator[Any]:
    """Make a consumer that begins at the beginning and commits only when told to."""
    if library() == "confluent_kafka":
        from confluent_kafka import Consumer

        fast = Consumer(
            {
                "bootstrap.servers": bootstrap_servers,
                "group.id": group,
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
                "fetch.wait.max.ms": 50,
            }
        )
        yield fast
        fast.close()
        return
    from kafka import KafkaConsumer

    made = KafkaConsumer(
        bootstrap_servers=bootstrap_servers,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    yield made
    made.close(autocommit=False)


@contextmanager
def admin(bootstrap_servers: str) -> Iterator[Any]:
    """Make an admin client."""
    if library() == "confluent_kafka":
        from confluent_kafka.admin import AdminClient

        yield AdminClient({"bootstrap.servers": bootstrap_servers})
        return
    from kafka import KafkaAdminClient

    made = KafkaAdminClient(bootstrap_servers=bootstrap_servers)
    yield made
    made.close()
