"""A member survives its records, in whatever order compaction leaves them."""

from kafkacompat.coordinator.groups.consumer import records
from kafkacompat.coordinator.groups.consumer.member import (
    ClassicProtocols,
    ConsumerMember,
    MemberState,
)
from kafkacompat.coordinator.groups.records import encode_write
from kafkacompat_protocol.coordinator_records.framing import decode_record

T = b"t" * 16
MEMBER = ConsumerMember(
    member_id="m",
    instance_id="i",
    rack_id="r",
    client_id="c",
    client_host="/h",
    topics=("t",),
    pattern="a.*",
    rebalance_timeout_ms=7,
    assignor="range",
    classic=ClassicProtocols(9, (("range", b"s"),)),
    epoch=4,
    previous_epoch=3,
    state=MemberState.UNREVOKED_PARTITIONS,
    assigned=frozenset({(T, 0), (T, 1)}),
    revoking=frozenset({(T, 2)}),
)


def test_a_member_is_what_its_two_records_say() -> None:
    itself = decode_record("group", *encode_write(records.member_record("g", MEMBER)))
    place = decode_record("group", *encode_write(records.current_record("g", MEMBER)))
    assert isinstance(itself.key, records.MemberKey)
    assert isinstance(place.key, records.CurrentKey)
    one_way = records.placed(records.described(ConsumerMember("m"), itself.value), place.value)
    other_way = records.described(records.placed(ConsumerMember("m"), place.value), itself.value)
    assert one_way == other_way == MEMBER


def test_a_state_of_later_brokers_is_stable() -> None:
    write = records.current_record("g", MEMBER)
    write.value.state = 127
    assert records.placed(MEMBER, write.value).state is MemberState.STABLE


def test_tombstones_take_all_records_of_a_member_and_of_a_group() -> None:
    assert {type(write.key) for write in records.member_tombstones("g", "m")} == {
        records.MemberKey,
        records.TargetKey,
        records.CurrentKey,
    }
    assert {type(write.key) for write in records.group_tombstones("g")} == {
        records.EpochKey,
        records.TargetsKey,
    }
    assert records.pattern_tombstone("g", "a").value is None
