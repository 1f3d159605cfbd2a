"""What a group is after its records."""

from kafkacompat.coordinator.groups.consumer import records
from kafkacompat.coordinator.groups.consumer.member import ConsumerMember
from kafkacompat.coordinator.groups.consumer.state import ConsumerGroupState, preferred_assignor

PLACE = (b"t" * 16, 0)


def test_a_partition_belongs_to_who_was_told_so_until_that_is_taken_back() -> None:
    state = ConsumerGroupState("g")
    member = ConsumerMember("m", epoch=1, assigned=frozenset({PLACE}))
    for write in (records.current_record("g", member), records.member_record("g", member)):
        state.replay(write.key, write.value, 0)
    assert state.owners == {PLACE: "m"}
    for write in records.member_tombstones("g", "m"):
        state.replay(write.key, write.value, 0)
    assert (state.owners, state.members, state.sessions) == ({}, {}, {})
    for write in records.member_tombstones("g", "m"):
        state.replay(write.key, write.value, 0)
    assert state.is_blank


def test_most_votes_decide_and_odd_ones_do_not_count() -> None:
    voters = [ConsumerMember(str(n), assignor=a) for n, a in enumerate(["range", "odd", None])]
    assert preferred_assignor(voters) == "range"
    assert preferred_assignor([]) == "uniform"
