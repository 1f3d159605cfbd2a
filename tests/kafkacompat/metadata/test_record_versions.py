"""What is appended follows the metadata.version of the directory."""

import pytest

from kafkacompat.metadata.record_versions import record_version
from kafkacompat_protocol.metadata_records.topics import TopicRecord
from tests.kafkacompat.metadata.test_image import partition, registered

# as Apache Kafka 3.9.1 and 4.3.1 write them
KAFKA_3_9 = {"metadata.version": 21}
KAFKA_4_3 = {"metadata.version": 30, "eligible.leader.replicas.version": 1}


@pytest.mark.parametrize(("features", "version"), [(KAFKA_3_9, 1), (KAFKA_4_3, 2)])
def test_partitions(features: dict[str, int], version: int) -> None:
    assert record_version(partition(), features) == version


@pytest.mark.parametrize(("level", "version"), [(7, 1), (8, 2), (16, 2), (17, 3), (21, 3), (30, 4)])
def test_registrations(level: int, version: int) -> None:
    assert record_version(registered(), {"metadata.version": level}) == version


def test_everything_else_has_one_version() -> None:
    assert record_version(TopicRecord(name="t", topic_id=bytes(16)), KAFKA_3_9) == 0
