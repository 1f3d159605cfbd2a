"""confluent-kafka 1.9 for the scenarios: before it could ask about groups in detail."""

from confluent_kafka_base import ConfluentKafka
from scenarios import DEADLINE_S, serve


class ConfluentKafka19(ConfluentKafka):
    """See scenarios.Client."""

    has_group_deletion = False

    def groups(self) -> set[str]:
        return {group.id for group in self.admin.list_groups(timeout=DEADLINE_S)}

    def describe_group(self, group: str) -> tuple[str, int]:
        (found,) = self.admin.list_groups(group, timeout=DEADLINE_S)
        return found.state, len(found.members)

    def group_offsets(self, group: str, topic: str) -> dict[int, int]:
        return self.committed(group, topic)


if __name__ == "__main__":
    serve(ConfluentKafka19)
