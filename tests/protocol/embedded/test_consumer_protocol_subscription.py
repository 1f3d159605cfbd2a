"""ConsumerProtocolSubscription's bytes, as Kafka's consumer writes them."""

import pytest

from kafkacompat_protocol.embedded.consumer_protocol_subscription import (
    ConsumerProtocolSubscription,
    OwnedTopicPartition,
)
from tests.support.encoded import assert_encoded

OWNED = [OwnedTopicPartition(topic="t", partitions=[1])]


@pytest.mark.parametrize(
    ("value", "version", "expected"),
    [
        (ConsumerProtocolSubscription(topics=["t"]), 0, "00000001000174ffffffff"),
        (
            ConsumerProtocolSubscription(
                topics=["t"], user_data=b"u", owned_partitions=OWNED, generation_id=3, rack_id="r"
            ),
            3,
            "00000001000174000000017500000001000174000000010000000100000003000172",
        ),
    ],
    ids=["first", "last"],
)
def test_it_is_written_and_read_as_kafka_does(value: object, version: int, expected: str) -> None:
    assert_encoded(value, version, expected)
