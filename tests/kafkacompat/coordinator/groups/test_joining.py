"""JoinGroup: what is checked, and what a group is told."""

from dataclasses import replace

import pytest

from kafkacompat.coordinator.groups import joining
from kafkacompat.coordinator.groups.classic import GroupState
from kafkacompat_protocol.errors import ErrorCode
from tests.support.groups import SETTINGS, Table


def test_a_session_timeout_out_of_bounds_is_refused() -> None:
    table = Table()
    assert table.answers[table.join(session_ms=999)].error_code == ErrorCode.INVALID_SESSION_TIMEOUT
    ticket = table.join(session_ms=100_001)
    assert table.answers[ticket].error_code == ErrorCode.INVALID_SESSION_TIMEOUT


def test_from_version_4_on_a_new_member_is_given_an_id_first() -> None:
    table = Table()
    told = table.answers[table.join(version=4)]
    assert (told.error_code, told.member_id) == (ErrorCode.MEMBER_ID_REQUIRED, "c-1")
    assert table.group.members == {}
    assert table.heartbeat("c-1") == ErrorCode.UNKNOWN_MEMBER_ID
    assert table.answers[table.join("c-1", version=4)].generation_id == 1


def test_an_id_that_is_not_used_in_time_is_forgotten() -> None:
    table = Table()
    table.join(version=4)
    table.pass_time(10_001)
    ticket = table.join("c-1", version=4)
    assert table.answers[ticket].error_code == ErrorCode.UNKNOWN_MEMBER_ID


def test_an_id_never_given_out_is_refused() -> None:
    table = Table()
    assert table.answers[table.join("x-9")].error_code == ErrorCode.UNKNOWN_MEMBER_ID


def test_members_must_have_a_protocol_in_common() -> None:
    table = Table()
    table.stable(1)
    for wrong in ({"sticky": b""}, {}):
        ticket = table.join(protocols=wrong or None, protocol_type="consumer" if wrong else "")
        assert table.answers[ticket].error_code == ErrorCode.INCONSISTENT_GROUP_PROTOCOL
    ticket = table.join(protocol_type="connect")
    assert table.answers[ticket].error_code == ErrorCode.INCONSISTENT_GROUP_PROTOCOL


def test_a_full_group_takes_nobody_in() -> None:
    table = Table(replace(SETTINGS, max_size=2))
    first, _ = table.stable(2)
    ticket = table.join()
    assert table.answers[ticket].error_code == ErrorCode.GROUP_MAX_SIZE_REACHED
    assert table.heartbeat(first) == 0


def test_a_follower_that_says_the_same_again_is_told_where_the_group_stands() -> None:
    table = Table()
    _, follower = table.stable(2)
    generation = table.group.generation
    told = table.answers[table.join(follower)]
    assert (told.error_code, told.generation_id) == (0, generation)
    assert table.group.state is GroupState.STABLE


def test_a_leader_that_joins_again_starts_a_rebalance() -> None:
    table = Table()
    leader, follower = table.stable(2)
    ticket = table.join(leader)
    assert ticket not in table.answers
    table.join(follower)
    assert table.answers[ticket].generation_id == table.group.generation


def test_a_changed_subscription_starts_a_rebalance() -> None:
    table = Table()
    _, follower = table.stable(2)
    table.join(follower, protocols={"range": b"more"})
    assert table.group.state is GroupState.PREPARING


def test_a_repeated_join_takes_the_place_of_the_first() -> None:
    table = Table()
    first, second = table.stable(2)
    early = table.join(first)
    late = table.join(first)
    assert table.answers[early].error_code == ErrorCode.REBALANCE_IN_PROGRESS
    table.join(second)
    assert table.answers[late].error_code == 0


def test_a_static_member_that_restarts_gets_its_place_back_without_a_rebalance() -> None:
    table = Table()
    table.join(instance="a", client_id="ignored")
    table.sync("a-1", {"a-1": b"mine"}, instance="a")
    told = table.answers[table.join(instance="a", version=9)]
    assert (told.error_code, told.member_id, told.generation_id) == (0, "a-2", 1)
    assert told.skip_assignment
    assert table.answers[table.sync("a-2", instance="a")].assignment == b"mine"
    assert table.records[-1].value.members[0].member_id == "a-2"


def test_an_old_static_leader_that_restarts_does_not_assign_again() -> None:
    table = Table()
    table.join(instance="a")
    table.sync("a-1", {"a-1": b"mine"}, instance="a")
    told = table.answers[table.join(instance="a", version=5)]
    assert (told.leader, told.members) == ("a-1", [])


def test_the_former_id_of_a_static_member_is_fenced() -> None:
    table = Table()
    table.join(instance="a")
    table.sync("a-1", {}, instance="a")
    table.join(instance="a")
    assert table.heartbeat("a-1", instance="a") == ErrorCode.FENCED_INSTANCE_ID
    ticket = table.join("a-1", instance="a")
    assert table.answers[ticket].error_code == ErrorCode.FENCED_INSTANCE_ID


def test_a_waiting_request_of_a_replaced_static_member_is_fenced() -> None:
    table = Table(replace(SETTINGS, initial_rebalance_delay_ms=1_000))
    early = table.join(instance="a")
    late = table.join(instance="a")
    assert table.answers[early].error_code == ErrorCode.FENCED_INSTANCE_ID
    table.pass_time(3_000)
    assert table.answers[late].error_code == 0


def test_an_instance_that_nobody_knows_is_refused_with_an_id() -> None:
    table = Table()
    ticket = table.join("a-1", instance="a")
    assert table.answers[ticket].error_code == ErrorCode.UNKNOWN_MEMBER_ID


def test_ids_given_out_but_not_used_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "MAX_PENDING", 2)
    table = Table()
    codes = [table.answers[table.join(version=4)].error_code for _ in range(3)]
    assert codes == [
        ErrorCode.MEMBER_ID_REQUIRED,
        ErrorCode.MEMBER_ID_REQUIRED,
        ErrorCode.GROUP_MAX_SIZE_REACHED,
    ]
