"""Share-partitions as records, and their names."""

from kafkacompat.coordinator.outcome import Write
from kafkacompat.coordinator.share.records import (
    Epochs,
    SharePartitionId,
    encode_write,
    id_of,
    read_batches,
    snapshot_record,
    tombstone,
    update_record,
)
from kafkacompat.coordinator.share.window import (
    ACKNOWLEDGED,
    ACQUIRED,
    ARCHIVED,
    AVAILABLE,
    Run,
    Window,
)
from kafkacompat_protocol.coordinator_records.framing import decode_record
from kafkacompat_protocol.coordinator_records.share.share_snapshot import (
    ShareSnapshotKey,
    ShareSnapshotStateBatch,
    ShareSnapshotValue,
)
from kafkacompat_protocol.coordinator_records.share.share_update import (
    ShareUpdateStateBatch,
    ShareUpdateValue,
)

TOPIC_ID = bytes(range(16))
WHICH = SharePartitionId("g", TOPIC_ID, 3)
EPOCHS = Epochs(snapshot=1, state=2, leader=5)


def window() -> Window:
    made = Window(10)
    made.replace(
        [
            Run(10, 11, AVAILABLE, 2),
            Run(12, 13, ACQUIRED, 3, "m", 99),
            Run(14, 15, ACQUIRED, 1, "m", 99),
            Run(16, 17, ACKNOWLEDGED, 1),
            Run(18, 19, AVAILABLE),
        ]
    )
    return made


def test_the_name_is_the_one_by_which_kafka_asks_for_the_coordinator() -> None:
    # Kafka: groupId + ":" + Uuid.toString() + ":" + partition
    assert WHICH.name == "g:AAECAwQFBgcICQoLDA0ODw:3"


def test_a_name_is_read_as_it_was_written() -> None:
    assert SharePartitionId.parse(WHICH.name) == WHICH
    for name in (
        "",
        "g",
        "g:AAECAwQFBgcICQoLDA0ODw",
        "g:AAEC:3",
        WHICH.name + "x",
        ":" + WHICH.name,
    ):
        assert SharePartitionId.parse(name) is None


def test_a_snapshot_tells_what_is_over_and_not_who_has_what() -> None:
    key, value = snapshot_record(WHICH, EPOCHS, window(), created_ms=1000, wall_ms=2000)

    assert id_of(key) == WHICH
    assert value == ShareSnapshotValue(
        snapshot_epoch=1,
        state_epoch=2,
        leader_epoch=5,
        start_offset=10,
        delivery_complete_count=2,
        create_timestamp=1000,
        write_timestamp=2000,
        state_batches=[
            ShareSnapshotStateBatch(
                first_offset=10, last_offset=11, delivery_state=0, delivery_count=2
            ),
            ShareSnapshotStateBatch(
                first_offset=12, last_offset=13, delivery_state=0, delivery_count=2
            ),
            ShareSnapshotStateBatch(
                first_offset=16, last_offset=17, delivery_state=2, delivery_count=1
            ),
        ],
    )


def test_an_update_tells_only_of_what_is_still_in_the_window() -> None:
    changes = [Run(5, 7, ACKNOWLEDGED, 1), Run(8, 10, ARCHIVED, 4), Run(12, 12, ACKNOWLEDGED, 1)]

    key, value = update_record(WHICH, EPOCHS, window(), changes)

    assert id_of(key) == WHICH
    assert value == ShareUpdateValue(
        snapshot_epoch=1,
        leader_epoch=5,
        start_offset=10,
        delivery_complete_count=2,
        state_batches=[
            ShareUpdateStateBatch(
                first_offset=10, last_offset=10, delivery_state=4, delivery_count=4
            ),
            ShareUpdateStateBatch(
                first_offset=12, last_offset=12, delivery_state=2, delivery_count=1
            ),
        ],
    )
    assert read_batches(value.state_batches)[0] == Run(10, 10, ARCHIVED, 4)


def test_records_are_read_as_they_were_written() -> None:
    for write in (
        snapshot_record(WHICH, EPOCHS, window(), 1000, 2000),
        update_record(WHICH, EPOCHS, window(), [Run(10, 10, ARCHIVED, 4)]),
        tombstone(WHICH),
    ):
        key, value = encode_write(write)
        found = decode_record("share", key, value)
        assert Write(found.key, found.value) == write


def test_a_tombstone_has_no_value() -> None:
    assert tombstone(WHICH) == Write(
        ShareSnapshotKey(group_id="g", topic_id=TOPIC_ID, partition=3), None
    )
