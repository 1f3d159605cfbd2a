"""Internal topics have Kafka's names, and coordinators theirs."""

from kafkacompat.coordinator.groups.coordinator import GroupCoordinator
from kafkacompat.coordinator.share.coordinator import ShareCoordinator
from kafkacompat.coordinator.transactions.coordinator import TransactionCoordinator
from kafkacompat.metadata.internal_topics import INTERNAL_TOPICS


def test_each_coordinator_has_one_of_them() -> None:
    coordinators = (GroupCoordinator, TransactionCoordinator, ShareCoordinator)
    assert {each.topic for each in coordinators} == INTERNAL_TOPICS
