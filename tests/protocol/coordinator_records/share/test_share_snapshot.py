"""ShareSnapshot records, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.coordinator_records.share.share_snapshot import (
    ShareSnapshotKey,
    ShareSnapshotStateBatch,
    ShareSnapshotValue,
)
from tests.support.encoded import assert_encoded

TOPIC_ID = bytes(range(16))


def test_a_key() -> None:
    value = ShareSnapshotKey(group_id="g", topic_id=TOPIC_ID, partition=3)

    # Kafka 4.3.1
    assert_encoded(value, 0, "000167000102030405060708090a0b0c0d0e0f00000003")


def test_a_value() -> None:
    value = ShareSnapshotValue(
        snapshot_epoch=1,
        state_epoch=2,
        leader_epoch=3,
        start_offset=40,
        delivery_complete_count=2,
        create_timestamp=1000,
        write_timestamp=2000,
        state_batches=[
            ShareSnapshotStateBatch(
                first_offset=41, last_offset=42, delivery_state=2, delivery_count=1
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(
        value,
        0,
        (
            "000000010000000200000003000000000000002800000000000003e800000000000007d002000000"
            "0000000029000000000000002a0200010001000400000002"
        ),
    )
