"""confluent-kafka (librdkafka) for the transactions of transacting.py."""

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from transacting import PARTITIONS, Poller, Row, main

PATIENCE_S = 20
QUIET = {"log_level": 0, "reconnect.backoff.max.ms": 100}


class Failed(Exception):
    """What librdkafka said, under the name of its error's code."""

    def __init__(self, error: KafkaError) -> None:
        super().__init__(str(error))
        self.name = error.name()


class Confluent:
    """See transacting.Transactor."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._producers: dict[str, Producer] = {}
        self._consumers: dict[str, Consumer] = {}

    def open(
        self, name: str, transactional_id: str, timeout_ms: int, group: str, topic: str
    ) -> None:
        settings = {
            **QUIET,
            "bootstrap.servers": self._bootstrap,
            "transactional.id": transactional_id,
            "transaction.timeout.ms": timeout_ms,
            "message.timeout.ms": timeout_ms,
        }
        producer = self._producers[name] = Producer(settings)
        self._do(producer.init_transactions, PATIENCE_S)
        if group:
            consumer = self._consumers[name] = Consumer(
                {
                    **QUIET,
                    "bootstrap.servers": self._bootstrap,
                    "group.id": group,
                    "auto.offset.reset": "earliest",
                    "enable.auto.commit": False,
                    "isolation.level": "read_committed",
                }
            )
            consumer.subscribe([topic])

    def _do(self, call: object, *arguments: object) -> None:
        try:
            call(*arguments)  # type: ignore[operator]
        except KafkaException as error:
            raise Failed(error.args[0]) from error

    def begin(self, name: str) -> None:
        self._do(self._producers[name].begin_transaction)

    def send(self, name: str, topic: str, partition: int, value: str) -> None:
        failed: list[KafkaError] = []

        def delivered(error: KafkaError | None, _: object) -> None:
            if error is not None:
                failed.append(error)

        producer = self._producers[name]
        self._do(lambda: producer.produce(topic, value, partition=partition, callback=delivered))
        producer.flush(PATIENCE_S)
        if failed:
            raise Failed(failed[0])

    def transform(self, name: str, topic: str, count: int) -> None:
        producer, consumer = self._producers[name], self._consumers[name]
        while count > 0:
            for message in consumer.consume(count, timeout=1):
                if message.error():
                    raise Failed(message.error())
                value = message.value().upper()
                producer.produce(topic, value, partition=message.partition())
                count -= 1
        positions = [each for each in consumer.position(consumer.assignment()) if each.offset >= 0]
        group = consumer.consumer_group_metadata()
        self._do(producer.send_offsets_to_transaction, positions, group, PATIENCE_S)

    def commit(self, name: str) -> None:
        self._do(self._producers[name].commit_transaction, PATIENCE_S)

    def abort(self, name: str) -> None:
        self._do(self._producers[name].abort_transaction, PATIENCE_S)

    def close(self, name: str) -> None:
        del self._producers[name]
        if name in self._consumers:
            self._consumers.pop(name).close()


def reader(bootstrap: str, topics: list[str]) -> Poller:
    consumer = Consumer(
        {
            **QUIET,
            "bootstrap.servers": bootstrap,
            "group.id": "reader",
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "fetch.wait.max.ms": 50,
        }
    )
    parts = [TopicPartition(topic, part, 0) for topic in topics for part in range(PARTITIONS)]
    consumer.assign(parts)

    def poll() -> list[Row]:
        messages = consumer.consume(100, timeout=0.1)
        broken = [message.error() for message in messages if message.error()]
        assert broken == []
        return [(m.topic(), m.partition(), m.offset(), m.value()) for m in messages]

    return poll


if __name__ == "__main__":
    main(Confluent, reader)
