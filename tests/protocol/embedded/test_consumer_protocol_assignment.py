"""ConsumerProtocolAssignment's bytes, as Kafka's consumer reads them."""

from kafkacompat_protocol.embedded.consumer_protocol_assignment import (
    AssignedTopicPartition,
    ConsumerProtocolAssignment,
)
from tests.support.encoded import assert_encoded


def test_it_is_written_and_read_as_kafka_does() -> None:
    value = ConsumerProtocolAssignment(
        assigned_partitions=[AssignedTopicPartition(topic="t", partitions=[0, 1])]
    )
    expected = "00000001000174" + "000000020000000000000001" + "ffffffff"
    assert_encoded(value, 0, expected)
    assert_encoded(value, 3, expected)
