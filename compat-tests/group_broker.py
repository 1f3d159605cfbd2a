"""The broker that campaigns of consumer groups run on: this one, or Apache Kafka 4.3.1."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "kafka_home"))

import kafka_home
from broker_process import running_broker
from confluent_kafka.admin import AdminClient, NewTopic

VERSION = "4.3.1"


@contextmanager
def group_broker(folder: Path, beat_ms: int, *, is_kafka: bool) -> Iterator[str]:
    """Start a broker whose consumer groups beat so often, and yield its bootstrap address."""
    settings = {
        "group.consumer.heartbeat.interval.ms": str(beat_ms),
        "group.initial.rebalance.delay.ms": "0",
    }
    if is_kafka:
        home = kafka_home.build(VERSION)
        settings["group.consumer.min.heartbeat.interval.ms"] = str(beat_ms)
        with kafka_home.running_broker(home, folder / "kafka", settings=settings) as kafka:
            yield kafka.bootstrap
        return
    words = [word for item in settings.items() for word in ("--override", "=".join(item))]
    with running_broker(folder / "data", *words) as broker:
        yield broker.bootstrap


def make_topic(bootstrap: str, name: str, partitions: int) -> None:
    """Make a topic."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([NewTopic(name, partitions, 1)])[name].result(30)


def address_of(bootstrap: str) -> tuple[str, int]:
    """Return host and port of an address."""
    host, _, port = bootstrap.rpartition(":")
    return host, int(port)
