"""kafka-python 3 for real_file.py."""

import time
from collections.abc import Iterator

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic
from lines import DEADLINE_S, PARTITIONS, main


def produce(bootstrap: str, topic: str, codec: str, lines: list[bytes]) -> None:
    """Send every line, keyed by its number."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.create_topics([NewTopic(topic, PARTITIONS, 1)])
    admin.close()
    producer = KafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        linger_ms=20,
        batch_size=131_072,
        compression_type=None if codec == "none" else codec,
    )
    failed: list[BaseException] = []
    for number, line in enumerate(lines):
        producer.send(topic, value=line, key=b"%d" % number).add_errback(failed.append)
    producer.flush(timeout=DEADLINE_S)
    producer.close()
    if failed:
        raise SystemExit(f"not delivered: {failed[:3]}")


def consume(bootstrap: str, topic: str, count: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield keys and values until there are `count`."""
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        max_poll_records=10_000,
        max_partition_fetch_bytes=4 << 20,
    )
    partitions = [TopicPartition(topic, index) for index in range(PARTITIONS)]
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    give_up = time.monotonic() + DEADLINE_S
    while count > 0 and time.monotonic() < give_up:
        for messages in consumer.poll(timeout_ms=500).values():
            for message in messages:
                yield message.key, message.value
                count -= 1
    consumer.close()


if __name__ == "__main__":
    main(produce, consume)
