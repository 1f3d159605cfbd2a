"""A share group: who is in it, what each member has, and who is fenced."""

from typing import Any

import pytest

from kafkacompat.coordinator.groups.share import ShareGroupSettings
from kafkacompat_protocol.errors import ErrorCode
from tests.support.share_groups import JOIN, LEAVE, ShareTable, told, topic_id


def test_the_first_member_has_everything_at_once() -> None:
    table = ShareTable(t=2)

    answer = table.beat("a", JOIN, ["t"])

    assert (answer.error_code, answer.member_id, answer.member_epoch) == (0, "a", 1)
    assert answer.heartbeat_interval_ms == 5_000
    assert told(answer) == {topic_id(1): [0, 1]}
    assert table.group.state == "Stable"


def test_joining_writes_the_records_that_kafka_writes() -> None:
    table = ShareTable(t=1)

    table.join("a")

    assert [type(write.key).__name__ for write in table.records] == [
        "ShareGroupMemberMetadataKey",
        "ShareGroupMetadataKey",
        "ShareGroupTargetAssignmentMemberKey",
        "ShareGroupTargetAssignmentMetadataKey",
        "ShareGroupStatePartitionMetadataKey",
        "ShareGroupCurrentMemberAssignmentKey",
    ]


def test_a_heartbeat_that_changes_nothing_writes_and_tells_nothing() -> None:
    table = ShareTable(t=1)
    table.join("a")
    before = len(table.records)

    answer = table.beat("a")

    assert (answer.member_epoch, told(answer)) == (1, None)
    assert len(table.records) == before


def test_a_second_member_takes_half_when_the_first_has_heard_of_it() -> None:
    table = ShareTable(t=4)
    table.join("a")
    table.join("b")
    assert len(table.held()["a"]) == 4

    assert told(table.beat("a")) is not None
    assert table.held() == {"a": [("t", 1), ("t", 2)], "b": [("t", 0), ("t", 3)]}


def test_more_members_than_partitions_share_them() -> None:
    table = ShareTable(t=2)
    table.join("a", "b", "c", "d", "e")

    held = table.settle()

    assert {len(places) for places in held.values()} == {1}
    assert sorted(places[0][1] for places in held.values()) in ([0, 0, 0, 1, 1], [0, 0, 1, 1, 1])


def test_who_stays_takes_over_from_who_leaves() -> None:
    table = ShareTable(t=2)
    table.join("a", "b")
    table.settle()

    answer = table.beat("a", LEAVE)

    assert (answer.error_code, answer.member_epoch) == (0, -1)
    assert table.left == ["a"]
    assert table.settle() == {"b": [("t", 0), ("t", 1)]}


def test_the_last_member_leaves_an_empty_group() -> None:
    table = ShareTable(t=2)
    table.join("a")

    table.beat("a", LEAVE)

    assert (table.group.state, table.group.epoch, table.group.is_blank) == ("Empty", 2, False)
    assert table.group.targets == {}


def test_a_silent_member_is_put_out_and_others_are_not() -> None:
    table = ShareTable(t=2)
    table.join("a", "b")
    table.pass_time(30_000)
    table.settle()
    table.beat("b")
    table.pass_time(10_000)
    table.beat("b")

    table.pass_time(35_001)

    assert table.left == ["a"]
    assert table.settle() == {"b": [("t", 0), ("t", 1)]}
    assert table.beat("a", 3).error_code == ErrorCode.UNKNOWN_MEMBER_ID


def test_topics_that_come_go_and_grow_raise_the_epoch() -> None:
    table = ShareTable()
    table.join("a", topics=["later"])
    assert (table.group.epoch, table.held()) == (1, {"a": []})

    table.make_topic("later", 1)
    assert table.settle() == {"a": [("later", 0)]}
    table.grow_topic("later", 2)
    assert table.settle() == {"a": [("later", 0), ("later", 1)]}
    del table.topics["later"]
    assert table.settle() == {"a": []}
    assert table.group.epoch == 4
    table.make_topic("unrelated")
    table.settle()
    assert table.group.epoch == 4


def test_a_member_changes_its_subscription() -> None:
    table = ShareTable(t=1, u=1)
    table.join("a", topics=["t"])

    answer = table.beat("a", 1, ["u"])

    assert (answer.member_epoch, told(answer)) == (2, {topic_id(2): [0]})


def test_members_with_different_topics_have_what_they_asked_for() -> None:
    table = ShareTable(t=2, u=2)
    table.join("a", topics=["t"])
    table.join("b", topics=["t", "u"])

    assert table.settle() == {"a": [("t", 0), ("t", 1)], "b": [("u", 0), ("u", 1)]}


# --- epochs


def test_an_answer_that_was_lost_is_given_again() -> None:
    table = ShareTable(t=2)
    table.join("a", "b")
    lost = table.beat("a", 1)
    assert lost.member_epoch == 2

    again = table.beat("a", 1)

    assert (again.error_code, again.member_epoch, told(again)) == (0, 2, told(lost))


@pytest.mark.parametrize(
    ("epoch", "message"),
    [
        (
            9,
            "The share group member has a greater member epoch (9) than the one known by the group"
            " coordinator (3). The member must abandon all its partitions and rejoin.",
        ),
        (
            1,
            "The share group member has a smaller member epoch (1) than the one known by the group"
            " coordinator (3), and it does not match the previous member epoch (2)."
            " The member must abandon all its partitions and rejoin.",
        ),
    ],
)
def test_an_epoch_that_is_not_the_members_is_fenced(epoch: int, message: str) -> None:
    table = ShareTable(t=2)
    table.join("a", "b")
    table.settle()
    table.join("c")
    table.settle()

    answer = table.beat("a", epoch)

    assert answer.error_code == ErrorCode.FENCED_MEMBER_EPOCH
    assert answer.error_message == message


def test_a_member_that_joins_again_is_told_what_it_has() -> None:
    table = ShareTable(t=1)
    table.join("a")

    answer = table.beat("a", JOIN, ["t"])

    assert (answer.member_epoch, told(answer)) == (1, {topic_id(1): [0]})


# --- refusals


def test_a_group_that_is_full_takes_nobody_new() -> None:
    table = ShareTable(ShareGroupSettings(max_size=2), t=1)
    table.join("a", "b")

    answer = table.beat("c", JOIN, ["t"])

    assert answer.error_code == ErrorCode.GROUP_MAX_SIZE_REACHED
    assert answer.error_message == "The share group has reached its maximum capacity of 2 members."
    assert table.beat("a", JOIN, ["t"]).error_code == 0


@pytest.mark.parametrize("epoch", [1, LEAVE])
def test_who_is_no_member_is_told_so(epoch: int) -> None:
    table = ShareTable(t=1)
    assert table.beat("x", epoch).error_code == ErrorCode.GROUP_ID_NOT_FOUND
    table.join("a")

    answer = table.beat("x", epoch)

    assert answer.error_code == ErrorCode.UNKNOWN_MEMBER_ID
    assert answer.error_message == "Member x is not a member of group g."


@pytest.mark.parametrize(
    ("request_fields", "message"),
    [
        (("", 0, ["t"]), "MemberId can't be empty."),
        (("a", 0, ["t"], ""), "RackId can't be empty."),
        (("a", 0, None), "SubscribedTopicNames must be set in first request."),
        (("a", 0, []), "SubscribedTopicNames must be set in first request."),
        (("a", -2), "MemberEpoch is invalid."),
    ],
)
def test_a_heartbeat_that_makes_no_sense_is_refused(request_fields: Any, message: str) -> None:
    table = ShareTable(t=1)

    answer = table.beat(*request_fields)

    assert (answer.error_code, answer.error_message) == (ErrorCode.INVALID_REQUEST, message)
    assert table.records == []


# --- records


@pytest.mark.parametrize("is_compacted", [False, True])
def test_a_restart_keeps_everything_but_gives_a_new_session(is_compacted: bool) -> None:
    table = ShareTable(t=3)
    table.join("a", "b")
    table.settle()
    table.beat("a", rack_id="r1")
    table.join("c")
    table.beat("c", LEAVE)
    held, epoch = table.settle(), table.group.epoch
    if is_compacted:
        table.compact()

    table.restart(after_ms=60_000)

    assert table.held() == held
    assert (table.group.epoch, table.group.assignment_epoch) == (epoch, epoch)
    assert table.group.members["a"].rack_id == "r1"
    before = len(table.records)
    assert table.settle() == held
    assert len(table.records) == before
    table.pass_time(44_999)
    assert table.left == ["c"]


def test_a_member_is_the_same_whichever_of_its_records_comes_first() -> None:
    table = ShareTable(t=1)
    table.join("a")
    member = table.group.members["a"]
    table.records.reverse()

    table.restart()

    assert table.group.members["a"] == member


def test_topics_that_changed_while_the_group_was_not_loaded_are_noticed() -> None:
    table = ShareTable(t=1)
    table.join("a")
    table.grow_topic("t", 2)

    table.restart()

    assert table.settle() == {"a": [("t", 0), ("t", 1)]}


def test_what_the_group_has_state_of_outlives_its_members() -> None:
    table = ShareTable(t=2, u=1)
    table.join("a")
    table.beat("a", LEAVE)
    table.join("b", topics=["u"])
    assert table.group.begun == {
        topic_id(1): ("t", frozenset({0, 1})),
        topic_id(2): ("u", frozenset({0})),
    }

    table.take(table.group.forget_topic(topic_id(1)))
    table.take(table.group.begin_with(topic_id(2), "u", [0, 5]))

    table.restart()
    assert table.group.begun == {topic_id(2): ("u", frozenset({0, 5}))}
    assert table.group.begin_with(topic_id(2), "u", [5]).records == []
    assert table.group.forget_topic(topic_id(1)).records == []


def test_a_group_that_was_told_where_to_begin_is_there_until_it_is_deleted() -> None:
    table = ShareTable(t=1)
    table.take(table.group.begin_with(topic_id(1), "t", [0]))
    table.take(table.group.forget_topic(topic_id(1)))

    table.restart()

    assert (table.group.state, table.group.is_blank) == ("Empty", False)
    table.take(table.group.delete("t"))
    assert table.shard.groups == {}


def test_state_of_a_topic_that_is_gone_is_dropped_with_the_next_assignment() -> None:
    table = ShareTable(t=1)
    table.join("a")
    del table.topics["t"]

    table.settle()

    assert table.group.begun == {}


def test_a_deleted_group_leaves_nothing() -> None:
    table = ShareTable(t=1)
    table.join("a")
    table.beat("a", LEAVE)

    table.take(table.group.delete("t"))

    assert table.shard.groups == {}
    table.restart()
    assert table.shard.groups == {}
    table.compact()
    assert all(write.value is None for write in table.records)


def test_nobody_waits_for_a_group_that_is_abandoned() -> None:
    table = ShareTable(t=1)
    table.join("a")

    assert table.group.abandoned(ErrorCode.NOT_COORDINATOR).replies == []
    assert table.group.expire(0, 0).records == []
