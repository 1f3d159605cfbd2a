"""GroupMetadata records, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.coordinator_records.group.group_metadata import (
    GroupMetadataKey,
    GroupMetadataValue,
    MemberMetadata,
)
from tests.support.encoded import assert_encoded


def test_a_key() -> None:
    value = GroupMetadataKey(group="g")

    # Kafka 4.3.1
    assert_encoded(value, 0, "000167")


def test_a_value() -> None:
    value = GroupMetadataValue(
        protocol_type="consumer",
        generation=3,
        protocol="range",
        leader="m",
        current_state_timestamp=1000,
        members=[
            MemberMetadata(
                member_id="m",
                group_instance_id="i",
                client_id="c",
                client_host="/::1",
                rebalance_timeout=60000,
                session_timeout=10000,
                subscription=b"\x01\x02\x03",
                assignment=b"\x01\x02\x03",
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(
        value,
        3,
        "0008636f6e73756d657200000003000572616e676500016d00000000000003e8"
        "0000000100016d00016900016300042f3a3a310000ea60000027100000000301"
        "020300000003010203",
    )


def test_a_value_of_an_empty_group() -> None:
    value = GroupMetadataValue(
        protocol_type="consumer",
        generation=3,
        protocol=None,
        leader=None,
        current_state_timestamp=1000,
        members=[],
    )

    # Kafka 4.3.1
    assert_encoded(value, 2, "0008636f6e73756d657200000003ffffffff00000000000003e800000000")
