"""Group state as records, in the bytes that Apache Kafka writes."""

from kafkacompat.coordinator.groups.offsets import Committed, TopicPartition, commit_record
from kafkacompat.coordinator.groups.records import (
    encode_write,
    group_record,
    group_tombstone,
    offset_tombstone,
)
from kafkacompat_protocol.coordinator_records.framing import decode_record
from tests.support.groups import WALL_MS, Table


def test_a_groups_record_holds_its_members_and_their_assignments() -> None:
    table = Table()
    first, second = table.stable(2)
    found = decode_record("group", *encode_write(group_record(table.group, WALL_MS)))
    assert found.key.group == "g"
    assert (found.value.generation, found.value.protocol) == (table.group.generation, "range")
    assert {m.member_id: m.assignment for m in found.value.members} == {
        first: f"to {first}".encode(),
        second: f"to {second}".encode(),
    }


def test_an_offsets_record_is_that_of_kafka() -> None:
    # key: type 1, "g", "t", partition 3; value: version 3, offset 7, epoch 2, "m", commit time 5
    write = commit_record("g", TopicPartition("t", 3), Committed(7, 2, "m"), (5, -1))
    key, value = encode_write(write)
    assert key.hex() == "0001" + "000167" + "000174" + "00000003"
    assert value is not None
    assert value.hex() == "0003" + "0000000000000007" + "00000002" + "00016d" + "0000000000000005"


def test_an_offset_with_an_expiry_is_written_in_version_1() -> None:
    write = commit_record("g", TopicPartition("t", 3), Committed(7, 2, "m"), (5, 9))
    _, value = encode_write(write)
    assert value is not None
    assert value[:2] == b"\x00\x01"
    assert value.endswith((9).to_bytes(8))


def test_tombstones_have_no_value() -> None:
    assert encode_write(group_tombstone("g")) == (bytes.fromhex("0002000167"), None)
    assert encode_write(offset_tombstone("g", "t", 3))[1] is None
