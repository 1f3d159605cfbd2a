"""ShareUpdate records, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.coordinator_records.share.share_update import (
    ShareUpdateKey,
    ShareUpdateStateBatch,
    ShareUpdateValue,
)
from tests.support.encoded import assert_encoded

TOPIC_ID = bytes(range(16))


def test_a_key() -> None:
    value = ShareUpdateKey(group_id="g", topic_id=TOPIC_ID, partition=3)

    # Kafka 4.3.1
    assert_encoded(value, 0, "000167000102030405060708090a0b0c0d0e0f00000003")


def test_a_value() -> None:
    value = ShareUpdateValue(
        snapshot_epoch=1,
        leader_epoch=3,
        start_offset=-1,
        state_batches=[
            ShareUpdateStateBatch(
                first_offset=41, last_offset=42, delivery_state=4, delivery_count=5
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(
        value, 0, "0000000100000003ffffffffffffffff020000000000000029000000000000002a0400050000"
    )
