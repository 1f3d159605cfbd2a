"""kafka-python 3.0 for the scenarios."""

from kafka import KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType
from kafka_python_base import KafkaPython
from scenarios import DEADLINE_S, serve


class KafkaPython3(KafkaPython):
    """Its admin client answers in dictionaries."""

    def producer(self, codec: str, *, idempotent: bool) -> KafkaProducer:
        return KafkaProducer(
            bootstrap_servers=self._bootstrap,
            acks="all",
            linger_ms=5,
            compression_type=None if codec == "none" else codec,
            enable_idempotence=idempotent,
            delivery_timeout_ms=DEADLINE_S * 2000,
            batch_size=4000 if idempotent else 16384,
        )

    def configs(self, topic: str) -> dict[str, str]:
        with self.admin() as admin:
            found = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
        return {name: entry["value"] for name, entry in found["topic"][topic].items()}

    def groups(self) -> set[str]:
        with self.admin() as admin:
            return {group["group_id"] for group in admin.list_groups()}

    def describe_group(self, group: str) -> tuple[str, int]:
        with self.admin() as admin:
            found = admin.describe_groups([group])[group]
        return found["group_state"], len(found["members"])

    def group_offsets(self, group: str, topic: str) -> dict[int, int]:
        with self.admin() as admin:
            found = admin.list_group_offsets(group)[group]
        return {w.partition: at.offset for w, at in found.items() if w.topic == topic}

    def delete_group(self, group: str) -> None:
        with self.admin() as admin:
            admin.delete_groups([group])


if __name__ == "__main__":
    serve(KafkaPython3)
