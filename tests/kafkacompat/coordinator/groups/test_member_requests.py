"""SyncGroup, Heartbeat and LeaveGroup: what is checked, and what is answered."""

from kafkacompat.coordinator.groups.classic import GroupState
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.leave_group import MemberIdentity
from tests.support.groups import Table


def test_a_sync_of_another_generation_is_refused() -> None:
    table = Table()
    (only,) = table.stable(1)
    ticket = table.sync(only, generation=99)
    assert table.answers[ticket].error_code == ErrorCode.ILLEGAL_GENERATION


def test_a_sync_during_a_rebalance_says_so() -> None:
    table = Table()
    first, _ = table.stable(2)
    table.join(first)
    ticket = table.sync(first)
    assert table.answers[ticket].error_code == ErrorCode.REBALANCE_IN_PROGRESS


def test_a_sync_that_waits_is_told_of_a_new_rebalance() -> None:
    table = Table()
    table.join()
    table.join()
    table.join("c-1")
    waiting = table.sync("c-2")
    table.join()
    assert table.answers[waiting].error_code == ErrorCode.REBALANCE_IN_PROGRESS


def test_a_sync_with_another_protocol_is_refused() -> None:
    table = Table()
    (only,) = table.stable(1)
    for wrong in ({"protocol_name": "sticky"}, {"protocol_type": "connect"}):
        ticket = table.sync(only, **wrong)  # type: ignore[arg-type]
        assert table.answers[ticket].error_code == ErrorCode.INCONSISTENT_GROUP_PROTOCOL


def test_a_sync_of_a_stranger_is_refused() -> None:
    table = Table()
    table.stable(1)
    assert table.answers[table.sync("x")].error_code == ErrorCode.UNKNOWN_MEMBER_ID


def test_a_heartbeat_begins_the_session_anew() -> None:
    table = Table()
    (only,) = table.stable(1)
    for _ in range(3):
        table.pass_time(9_000)
        assert table.heartbeat(only) == 0
    table.pass_time(10_000)
    assert table.heartbeat(only) == ErrorCode.UNKNOWN_MEMBER_ID


def test_a_heartbeat_of_another_generation_is_refused() -> None:
    table = Table()
    (only,) = table.stable(1)
    assert table.heartbeat(only, generation=0) == ErrorCode.ILLEGAL_GENERATION


def test_a_member_heartbeats_between_join_and_sync() -> None:
    table = Table()
    table.join()
    assert table.group.state is GroupState.COMPLETING
    assert table.heartbeat("c-1") == 0


def test_leaving_answers_each_member_for_itself() -> None:
    table = Table()
    first, _ = table.stable(2)
    codes = table.leave(MemberIdentity(member_id=first), MemberIdentity(member_id="x"))
    assert codes == [0, ErrorCode.UNKNOWN_MEMBER_ID]


def test_a_static_member_can_be_put_out_by_its_instance() -> None:
    table = Table()
    table.join(instance="a")
    table.sync("a-1", {}, instance="a")
    assert table.leave(MemberIdentity(member_id="", group_instance_id="a")) == [0]
    assert table.group.static == {}
    codes = table.leave(MemberIdentity(member_id="", group_instance_id="a"))
    assert codes == [ErrorCode.UNKNOWN_MEMBER_ID]


def test_leaving_with_a_former_id_is_fenced() -> None:
    table = Table()
    table.join(instance="a")
    table.sync("a-1", {}, instance="a")
    table.join(instance="a")
    codes = table.leave(MemberIdentity(member_id="a-1", group_instance_id="a"))
    assert codes == [ErrorCode.FENCED_INSTANCE_ID]


def test_one_that_only_has_an_id_can_leave() -> None:
    table = Table()
    table.join(version=4)
    assert table.leave(MemberIdentity(member_id="c-1")) == [0]
    assert table.group.pending == {}


def test_leaving_lets_a_rebalance_that_waited_for_it_go_on() -> None:
    table = Table()
    first, second = table.stable(2)
    ticket = table.join(first)
    table.leave(MemberIdentity(member_id=second))
    assert table.answers[ticket].error_code == 0
