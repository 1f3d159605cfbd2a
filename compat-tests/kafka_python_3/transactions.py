"""kafka-python 3.0 for the transactions of transacting.py."""

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata
from transacting import PARTITIONS, Poller, Row, main

PATIENCE_S = 20


class KafkaPython:
    """See transacting.Transactor."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._producers: dict[str, KafkaProducer] = {}
        self._consumers: dict[str, KafkaConsumer] = {}

    def open(
        self, name: str, transactional_id: str, timeout_ms: int, group: str, topic: str
    ) -> None:
        producer = self._producers[name] = KafkaProducer(
            bootstrap_servers=self._bootstrap,
            transactional_id=transactional_id,
            transaction_timeout_ms=timeout_ms,
        )
        producer.init_transactions()
        if group:
            self._consumers[name] = KafkaConsumer(
                topic,
                bootstrap_servers=self._bootstrap,
                group_id=group,
                auto_offset_reset="earliest",
                enable_auto_commit=False,
                isolation_level="read_committed",
                fetch_max_wait_ms=50,
            )

    def begin(self, name: str) -> None:
        self._producers[name].begin_transaction()

    def send(self, name: str, topic: str, partition: int, value: str) -> None:
        sent = self._producers[name].send(topic, value.encode(), partition=partition)
        sent.get(PATIENCE_S)

    def transform(self, name: str, topic: str, count: int) -> None:
        producer, consumer = self._producers[name], self._consumers[name]
        while count > 0:
            for part, messages in consumer.poll(timeout_ms=500).items():
                for message in messages:
                    producer.send(topic, message.value.upper(), partition=part.partition)
                    count -= 1
        offsets = {
            part: OffsetAndMetadata(consumer.position(part), "", -1)
            for part in consumer.assignment()
        }
        producer.send_offsets_to_transaction(offsets, consumer.group_metadata())

    def commit(self, name: str) -> None:
        self._producers[name].commit_transaction()

    def abort(self, name: str) -> None:
        self._producers[name].abort_transaction()

    def close(self, name: str) -> None:
        self._producers.pop(name).close(timeout=1)
        if name in self._consumers:
            self._consumers.pop(name).close()


def reader(bootstrap: str, topics: list[str]) -> Poller:
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap, isolation_level="read_committed", fetch_max_wait_ms=50
    )
    parts = [TopicPartition(topic, part) for topic in topics for part in range(PARTITIONS)]
    consumer.assign(parts)
    consumer.seek_to_beginning(*parts)

    def poll() -> list[Row]:
        found = consumer.poll(timeout_ms=100).values()
        return [(m.topic, m.partition, m.offset, m.value) for messages in found for m in messages]

    return poll


if __name__ == "__main__":
    main(KafkaPython, reader)
