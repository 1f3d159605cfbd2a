"""Share groups as records."""

from kafkacompat.coordinator.groups.records import encode_write
from kafkacompat.coordinator.groups.share_records import (
    begun_record,
    current_record,
    epoch_record,
    group_tombstones,
    member_tombstones,
    target_record,
    targets_record,
)
from kafkacompat_protocol.coordinator_records.framing import decode_record

TOPIC = bytes(range(16))


def test_every_record_reads_back_as_it_was_written() -> None:
    places = frozenset({(TOPIC, 2), (TOPIC, 0)})
    for write in (
        epoch_record("g", 3, -5),
        target_record("g", "m", places),
        targets_record("g", 3, 1_700_000_000_000),
        current_record("g", "m", 3, 2, places),
        begun_record("g", {TOPIC: ("t", frozenset({1, 0}))}),
        *member_tombstones("g", "m"),
        *group_tombstones("g"),
    ):
        key, value = encode_write(write)
        found = decode_record("group", key, value)
        assert (found.key, found.value) == write


def test_partitions_are_in_order() -> None:
    value = target_record("g", "m", frozenset({(TOPIC, 2), (TOPIC, 0)})).value

    assert [(each.topic_id, each.partitions) for each in value.topic_partitions] == [
        (TOPIC, [0, 2])
    ]
