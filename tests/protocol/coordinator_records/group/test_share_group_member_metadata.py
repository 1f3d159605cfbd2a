"""ShareGroupMemberMetadata records, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.coordinator_records.group.share_group_member_metadata import (
    ShareGroupMemberMetadataKey,
    ShareGroupMemberMetadataValue,
)
from tests.support.encoded import assert_encoded


def test_a_key() -> None:
    value = ShareGroupMemberMetadataKey(group_id="g", member_id="m")

    # Kafka 4.3.1
    assert_encoded(value, 0, "00016700016d")


def test_a_value() -> None:
    value = ShareGroupMemberMetadataValue(
        rack_id="r", client_id="c", client_host="/h", subscribed_topic_names=["t", "u"]
    )

    # Kafka 4.3.1
    assert_encoded(value, 0, "02720263032f68030274027500")


def test_a_value_without_a_rack() -> None:
    value = ShareGroupMemberMetadataValue(
        client_id="c", client_host="/h", subscribed_topic_names=[]
    )

    # Kafka 4.3.1
    assert_encoded(value, 0, "000263032f680100")
