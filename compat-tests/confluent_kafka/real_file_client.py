"""confluent-kafka for real_file.py."""

import time
from collections.abc import Iterator

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from lines import DEADLINE_S, PARTITIONS, main


def produce(bootstrap: str, topic: str, codec: str, lines: list[bytes]) -> None:
    """Send every line, keyed by its number."""
    common = {"bootstrap.servers": bootstrap}
    admin = AdminClient(common)
    admin.create_topics([NewTopic(topic, PARTITIONS, 1)])[topic].result(30)
    producer = Producer(common | {"compression.type": codec, "linger.ms": 20})
    failed: list[object] = []

    def delivered(error: object, _: object) -> None:
        if error is not None:
            failed.append(error)

    for number, line in enumerate(lines):
        while True:
            try:
                producer.produce(topic, line, b"%d" % number, on_delivery=delivered)
                break
            except BufferError:
                producer.poll(0.1)
        if number % 1000 == 0:
            producer.poll(0)
    if producer.flush(DEADLINE_S) or failed:
        raise SystemExit(f"not delivered: {failed[:3]}")


def consume(bootstrap: str, topic: str, count: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield keys and values until there are `count`."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "lines", "check.crcs": True})
    consumer.assign([TopicPartition(topic, index, 0) for index in range(PARTITIONS)])
    give_up = time.monotonic() + DEADLINE_S
    while count > 0 and time.monotonic() < give_up:
        for message in consumer.consume(min(count, 10_000), timeout=0.2):
            if message.error():
                raise KafkaException(message.error())
            yield message.key(), message.value()
            count -= 1
    consumer.close()


if __name__ == "__main__":
    main(produce, consume)
