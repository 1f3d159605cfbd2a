"""ConsumerGroupMetadata's bytes, when a group gets an epoch."""

import pytest

from kafkacompat_protocol.coordinator_records.group.consumer_group_metadata import (
    ConsumerGroupMetadataKey,
    ConsumerGroupMetadataValue,
)
from tests.support.encoded import assert_encoded

CASES = [
    pytest.param(ConsumerGroupMetadataKey(group_id="g"), 0, "000167", id="a key"),
    pytest.param(
        ConsumerGroupMetadataValue(epoch=3, metadata_hash=7),
        0,
        "000000030100080000000000000007",
        id="a value",
    ),
    pytest.param(ConsumerGroupMetadataValue(epoch=3), 0, "0000000300", id="of a broker before 4.1"),
]


@pytest.mark.parametrize(("message", "version", "expected"), CASES)
def test_it_is_written_and_read_as_kafka_does(message: object, version: int, expected: str) -> None:
    assert_encoded(message, version, expected)
