"""Transcripts of classic groups: who joins, who assigns, what time does to them."""

import random
from dataclasses import replace

import pytest

from kafkacompat.coordinator.groups.classic import LEGAL_MOVES, ClassicGroup, GroupState
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.leave_group import MemberIdentity
from tests.support.groups import SETTINGS, WALL_MS, Table


def test_a_lone_member_joins_leads_and_gets_its_assignment() -> None:
    table = Table()
    joined = table.answers[table.join()]
    assert (joined.error_code, joined.generation_id, joined.leader) == (0, 1, "c-1")
    assert [member.member_id for member in joined.members] == ["c-1"]
    synced = table.answers[table.sync("c-1", {"c-1": b"all"})]
    assert (synced.error_code, synced.assignment) == (0, b"all")
    assert table.group.state is GroupState.STABLE


def test_an_assignment_is_answered_only_when_its_record_is_durable() -> None:
    table = Table()
    table.join()
    table.holds_records = True
    ticket = table.sync("c-1", {"c-1": b"all"})
    assert ticket not in table.answers
    assert table.group.state is GroupState.COMPLETING
    table.make_durable()
    assert table.answers[ticket].assignment == b"all"


def test_a_second_member_makes_the_first_join_again() -> None:
    table = Table()
    table.join()
    table.sync("c-1", {"c-1": b"all"})
    second = table.join()
    assert second not in table.answers
    assert table.heartbeat("c-1") == ErrorCode.REBALANCE_IN_PROGRESS
    first = table.join("c-1")
    assert table.answers[first].generation_id == table.answers[second].generation_id == 2
    assert table.answers[second].members == []
    assert len(table.answers[first].members) == 2


def test_followers_wait_for_the_leaders_assignment() -> None:
    table = Table()
    table.join()
    table.join()
    table.join("c-1")
    follower = table.sync("c-2")
    assert follower not in table.answers
    table.sync("c-1", {"c-1": b"1", "c-2": b"2"})
    assert table.answers[follower].assignment == b"2"


def test_a_silent_member_is_put_out_and_the_others_rebalance() -> None:
    table = Table()
    first, second = table.stable(2)
    table.pass_time(6_000)
    assert table.heartbeat(first) == 0
    table.pass_time(6_000)
    assert second not in table.group.members
    assert table.heartbeat(first) == ErrorCode.REBALANCE_IN_PROGRESS
    assert table.heartbeat(second) == ErrorCode.UNKNOWN_MEMBER_ID


def test_a_member_that_does_not_rejoin_in_time_is_left_behind() -> None:
    table = Table()
    first, second = table.stable(2)
    ticket = table.join(first)
    for _ in range(6):
        table.pass_time(5_000)
        table.heartbeat(second)
    assert table.answers[ticket].generation_id == table.group.generation
    assert set(table.group.members) == {first}


def test_members_that_do_not_sync_are_put_out() -> None:
    table = Table()
    table.join(session_ms=100_000, rebalance_ms=5_000)
    table.pass_time(5_000)
    assert table.group.members == {}
    assert table.group.state is GroupState.EMPTY


def test_a_group_that_was_empty_waits_for_more_members() -> None:
    table = Table(replace(SETTINGS, initial_rebalance_delay_ms=3_000))
    first = table.join()
    table.pass_time(2_000)
    second = table.join()
    table.pass_time(2_000)  # the first delay is over, but somebody came: another one
    assert first not in table.answers
    table.pass_time(2_000)
    assert table.answers[first].generation_id == table.answers[second].generation_id == 1


def test_the_initial_wait_ends_with_the_rebalance_timeout() -> None:
    table = Table(replace(SETTINGS, initial_rebalance_delay_ms=3_000))
    first = table.join(rebalance_ms=5_000)
    for _ in range(4):
        table.pass_time(1_500)
        table.join(rebalance_ms=5_000)
    assert table.answers[first].generation_id == 1


def test_the_last_member_leaving_empties_the_group_durably() -> None:
    table = Table()
    (only,) = table.stable(1)
    assert table.leave(MemberIdentity(member_id=only)) == [0]
    assert table.group.state is GroupState.EMPTY
    assert table.records[-1].value.members == []
    assert table.records[-1].value.generation == 2


def test_the_leader_leaving_hands_over_its_role() -> None:
    table = Table()
    first, second = table.stable(2)
    table.leave(MemberIdentity(member_id=first))
    joined = table.answers[table.join(second)]
    assert joined.leader == second
    assert [member.member_id for member in joined.members] == [second]


def test_the_protocol_that_most_prefer_among_those_all_have_wins() -> None:
    table = Table()
    table.join(protocols={"range": b"1", "sticky": b"1"})
    second = table.join(protocols={"sticky": b"2", "range": b"2"})
    third = table.join(protocols={"sticky": b"3", "range": b"3"})
    table.join("c-1", protocols={"range": b"1", "sticky": b"1"})
    assert table.answers[second].protocol_name == "sticky"
    assert table.answers[third].protocol_name == "sticky"


def test_a_restored_group_goes_on_with_its_generation() -> None:
    table = Table()
    first, second = table.stable(2)
    value = table.records[-1].value
    again = Table()
    again.group.restore(value, now_ms=0)
    assert again.group.state is GroupState.STABLE
    assert again.heartbeat(first, generation=table.group.generation) == 0
    assert again.answers[again.sync(second)].assignment == f"to {second}".encode()
    again.pass_time(10_001)
    assert again.group.members == {}


def test_a_static_member_that_does_not_rejoin_keeps_its_place() -> None:
    table = Table()
    table.join(instance="a", session_ms=60_000, rebalance_ms=5_000, client_id="x")
    table.sync(table.group.leader or "", {})
    other = table.join(session_ms=60_000, rebalance_ms=5_000)
    table.pass_time(5_000)
    assert table.answers[other].error_code == 0
    assert set(table.group.static) == {"a"}
    assert len(table.group.members) == 2


@pytest.mark.parametrize("state", GroupState)
def test_illegal_moves_are_refused(state: GroupState) -> None:
    for target in GroupState:
        group = ClassicGroup("g", SETTINGS)
        group.state = state
        if target in LEGAL_MOVES[state]:
            group.move(target)
            assert group.state is target
        else:
            with pytest.raises(AssertionError):
                group.move(target)


@pytest.mark.parametrize("seed", range(30))
def test_any_walk_answers_each_request_once_and_settles_when_members_stand_still(
    seed: int,
) -> None:
    chance = random.Random(seed)
    table = Table(replace(SETTINGS, initial_rebalance_delay_ms=chance.choice([0, 500])))
    for _ in range(200):
        known = list(table.group.members)
        someone = chance.choice(known) if known else ""
        match chance.randrange(7):
            case 0:
                table.join(instance=chance.choice([None, None, "a", "b"]))
            case 1 | 2 if someone:
                instance = table.group.members[someone].group_instance_id
                table.join(someone, instance=instance)
            case 3 | 4 if someone:
                table.sync(someone, {key: key.encode() for key in known})
            case 5 if someone and chance.random() < 0.3:
                table.leave(MemberIdentity(member_id=someone))
            case _:
                table.pass_time(chance.choice([10, 400, 3_000]))
        _check(table)
    _settle(table)
    assert table.group.state in (GroupState.STABLE, GroupState.EMPTY)
    table.pass_time(1_000_000)
    assert sorted(table.asked) == sorted(table.answers)


def _check(table: Table) -> None:
    group = table.group
    assert group.leader is None or group.leader in group.members
    assert set(group.static.values()) <= set(group.members)
    if group.state is GroupState.EMPTY:
        assert not group.members
    if group.state in (GroupState.STABLE, GroupState.COMPLETING):
        assert not any(m.join_ticket for m in group.members.values())
    if group.state is GroupState.STABLE:
        assert not any(m.sync_ticket for m in group.members.values())


def _settle(table: Table) -> None:
    """Let every member do what a client does until nothing changes any more."""
    for _ in range(20):
        for member_id, member in list(table.group.members.items()):
            if table.group.state is GroupState.PREPARING and member.join_ticket is None:
                table.join(member_id, instance=member.group_instance_id)
        table.pass_time(600)
        for member_id in list(table.group.members):
            if table.group.state is GroupState.COMPLETING:
                shares = {key: key.encode() for key in table.group.members}
                table.sync(member_id, shares, instance=None)
        if table.group.state in (GroupState.STABLE, GroupState.EMPTY):
            return
    pytest.fail(f"does not settle: {table.group.state}, wall {WALL_MS}")
