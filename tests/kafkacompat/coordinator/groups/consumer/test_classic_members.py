"""Members of the classic protocol in a consumer group."""

from typing import Any

import pytest

from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.leave_group import MemberIdentity
from tests.support.migration import MixedTable, subscription

ALL = {("t", index) for index in range(4)}


def mixed() -> MixedTable:
    """A group of a consumer `a` and a classic member `c`, settled."""
    table = MixedTable(t=4)
    table.join("a", "t")
    table.classic_join("c", "t")
    table.classic_sync("c")
    table.settle_mixed("t")
    return table


def test_members_of_both_protocols_share_the_partitions() -> None:
    table = mixed()
    assert table.has["a"] | table.has["c"] == ALL
    assert len(table.has["c"]) == 2
    assert not table.has["a"] & table.has["c"]
    assert table.group.state == "Stable"


def test_a_classic_member_learns_by_its_heartbeat_that_it_is_to_join_again() -> None:
    table = mixed()
    assert table.classic_beat("c") == 0
    table.join("b", "t")
    assert table.classic_beat("c") == ErrorCode.REBALANCE_IN_PROGRESS
    assert table.classic_sync("c").error_code == ErrorCode.REBALANCE_IN_PROGRESS
    table.settle_mixed("t")
    assert table.has["a"] | table.has["b"] | table.has["c"] == ALL


def test_a_classic_member_that_does_not_come_back_is_put_out() -> None:
    table = mixed()
    table.join("b", "t")
    for _ in range(8):
        if "c" in table.group.members:
            table.classic_beat("c")
        table.beat("a")
        table.beat("b")
        table.pass_time(4_000)
    assert set(table.group.members) == {"a", "b"}


def test_an_eager_member_has_given_everything_back_when_it_joins() -> None:
    table = mixed()
    table.join("b", "t")
    table.has["c"] = set()
    told = table.classic_join("c", metadata=subscription("t", version=0))
    assert told.generation_id == table.group.epoch
    table.classic_sync("c")
    table.settle_mixed("t")


def test_the_first_answer_to_a_newcomer_is_its_id() -> None:
    table = mixed()
    told = table.classic_join("", "t")
    assert (told.error_code, told.member_id) == (ErrorCode.MEMBER_ID_REQUIRED, "client-1")
    assert table.classic_join("client-1", "t").error_code == 0
    assert table.classic_join("", "t", version=3).member_id == "client-2"


@pytest.mark.parametrize(
    "how",
    [
        {"protocol_type": "connect"},
        {"protocols": ()},
        {"protocols": ("odd",)},
        {"metadata": b"\0"},
    ],
)
def test_protocols_that_do_not_fit_are_refused(how: dict[str, Any]) -> None:
    told = mixed().classic_join("x", "t", **how)
    assert told.error_code == ErrorCode.INCONSISTENT_GROUP_PROTOCOL


def test_a_full_group_takes_no_classic_member_either() -> None:
    table = mixed()
    for name in ("x", "y", "z"):
        assert table.classic_join(name, "t").error_code == 0
    assert table.classic_join("late", "t").error_code == ErrorCode.GROUP_MAX_SIZE_REACHED


def test_static_members_come_back_under_another_id_and_fence_the_former() -> None:
    table = mixed()
    first = table.classic_join("", "t", instance="i")
    assert first.error_code == 0
    again = table.classic_join("", "t", instance="i")
    assert again.member_id != first.member_id
    assert first.member_id not in table.group.members
    fenced = ErrorCode.FENCED_INSTANCE_ID
    assert table.classic_join(first.member_id, "t", instance="i").error_code == fenced
    beat = table.classic_beat(first.member_id, group_instance_id="i")
    assert beat == fenced
    assert table.classic_beat("x", group_instance_id="j") == ErrorCode.UNKNOWN_MEMBER_ID


def test_strangers_and_other_generations_are_refused() -> None:
    table = mixed()
    assert table.classic_beat("x") == ErrorCode.UNKNOWN_MEMBER_ID
    assert table.classic_beat("a") == ErrorCode.UNKNOWN_MEMBER_ID
    assert table.classic_beat("c", generation=99) == ErrorCode.ILLEGAL_GENERATION
    assert table.classic_sync("c", generation=99).error_code == ErrorCode.ILLEGAL_GENERATION
    odd = table.classic_sync("c", protocol_type="consumer", protocol_name="odd")
    assert odd.error_code == ErrorCode.INCONSISTENT_GROUP_PROTOCOL
    assert table.group.check_member("c", 99) == ErrorCode.ILLEGAL_GENERATION


def test_classic_members_leave_by_id_or_instance() -> None:
    table = mixed()
    static = table.classic_join("", "t", instance="i").member_id
    told = table.classic_leave(
        MemberIdentity(member_id="c"),
        MemberIdentity(member_id="", group_instance_id="i"),
        MemberIdentity(member_id="x"),
        MemberIdentity(member_id="other", group_instance_id="i"),
    )
    assert [each.error_code for each in told.members] == [
        0,
        0,
        ErrorCode.UNKNOWN_MEMBER_ID,
        ErrorCode.FENCED_INSTANCE_ID,
    ]
    assert static not in table.group.members
    assert set(table.group.members) == {"a"}
