"""ConsumerGroupMemberMetadata's bytes, when a member subscribes."""

import pytest

from kafkacompat_protocol.coordinator_records.group.consumer_group_member_metadata import (
    ClassicMemberMetadata,
    ClassicProtocol,
    ConsumerGroupMemberMetadataKey,
    ConsumerGroupMemberMetadataValue,
)
from tests.support.encoded import assert_encoded

CASES = [
    pytest.param(
        ConsumerGroupMemberMetadataKey(group_id="g", member_id="m"), 0, "00016700016d", id="a key"
    ),
    pytest.param(
        ConsumerGroupMemberMetadataValue(
            instance_id="i",
            client_id="c",
            client_host="h",
            subscribed_topic_names=["t"],
            rebalance_timeout_ms=1000,
            classic_member_metadata=None,
        ),
        0,
        "0269000263026802027400000003e80001000100",
        id="a value",
    ),
    pytest.param(
        ConsumerGroupMemberMetadataValue(
            client_id="c",
            client_host="h",
            subscribed_topic_names=["t"],
            rebalance_timeout_ms=1000,
            classic_member_metadata=ClassicMemberMetadata(
                session_timeout_ms=9000,
                supported_protocols=[ClassicProtocol(name="range", metadata=b"s")],
            ),
        ),
        0,
        "00000263026802027400000003e8000100100100002328020672616e676502730000",
        id="of the classic protocol",
    ),
]


@pytest.mark.parametrize(("message", "version", "expected"), CASES)
def test_it_is_written_and_read_as_kafka_does(message: object, version: int, expected: str) -> None:
    assert_encoded(message, version, expected)
