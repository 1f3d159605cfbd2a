"""Consumer groups as transcripts: who has what, when, and who is put out."""

import pytest

from kafkacompat_protocol.errors import ErrorCode
from tests.support.consumer_groups import ConsumerTable


def all_of(topic: str, count: int) -> set[tuple[str, int]]:
    return {(topic, index) for index in range(count)}


def test_the_first_member_gets_everything_at_once() -> None:
    table = ConsumerTable(t=3)
    told = table.join("a", "t")
    assert (told.error_code, told.member_id, told.member_epoch) == (0, "a", 1)
    assert told.heartbeat_interval_ms == 5_000
    assert table.has["a"] == all_of("t", 3)
    assert table.group.state == "Stable"


def test_a_heartbeat_that_changes_nothing_writes_and_says_nothing() -> None:
    table = ConsumerTable(t=3)
    table.join("a", "t")
    before = len(table.records)
    told = table.beat("a")
    assert (told.error_code, told.member_epoch, told.assignment) == (0, 1, None)
    assert len(table.records) == before


def test_a_second_member_waits_until_the_first_has_given_back() -> None:
    table = ConsumerTable(t=4)
    table.join("a", "t")
    told = table.join("b", "t")
    assert (told.member_epoch, table.has["b"]) == (2, set())
    assert table.group.state == "Reconciling"
    told = table.send("a", 1, topic_partitions=None)
    assert told.member_epoch == 1, "it stays in its epoch until it has given back"
    assert len(told.assignment.topic_partitions[0].partitions) == 2
    assert table.beat("b").assignment is None
    table._hear("a", told)
    assert table.beat("a").member_epoch == 2
    table.beat("b")
    assert table.has["a"] | table.has["b"] == all_of("t", 4)
    assert not table.has["a"] & table.has["b"]
    assert table.group.state == "Stable"


def test_partitions_of_a_member_that_left_go_to_those_who_stay() -> None:
    table = ConsumerTable(t=4)
    table.join("a", "t")
    table.join("b", "t")
    table.settle()
    told = table.leave("a")
    assert (told.error_code, told.member_epoch) == (0, -1)
    table.settle()
    assert table.has["b"] == all_of("t", 4)


def test_the_last_to_leave_leaves_an_empty_group() -> None:
    table = ConsumerTable(t=1)
    table.join("a", "t")
    table.leave("a")
    assert table.group.state == "Empty"
    assert not table.group.is_blank
    assert not (table.group.owners)
    assert not (table.group.sessions)
    assert not (table.group.targets)
    assert table.join("b", "t").member_epoch == 3


def test_a_silent_member_is_put_out() -> None:
    table = ConsumerTable(t=2)
    table.join("a", "t")
    table.join("b", "t")
    table.settle()
    table.pass_time(9_999)
    table.beat("b")
    table.pass_time(1)
    assert list(table.group.members) == ["b"]
    assert table.beat("a").error_code == ErrorCode.UNKNOWN_MEMBER_ID


def test_a_member_that_gives_nothing_back_is_put_out() -> None:
    table = ConsumerTable(t=2)
    table.join("a", "t", rebalance_timeout_ms=3_000)
    table.join("b", "t")
    told = table.send("a", 1, topic_partitions=None)
    assert told.assignment is not None
    for _ in range(3):
        table.pass_time(1_000)
        table.beat("b")
        if "a" in table.group.members:
            table.send("a", 1, topic_partitions=None)
    assert list(table.group.members) == ["b"]


def test_a_lost_answer_is_given_again_to_the_former_epoch() -> None:
    table = ConsumerTable(t=2)
    table.join("a", "t")
    table.join("b", "t")
    owned = table._owned("a")
    table.beat("a")
    table.beat("a")
    assert table.group.members["a"].epoch == 2
    kept = [part for part in owned if part in table._owned("a")]
    told = table.send("a", 1, topic_partitions=kept)
    assert (told.error_code, told.member_epoch) == (0, 2)
    assert table.send("a", 1, topic_partitions=owned).error_code == ErrorCode.FENCED_MEMBER_EPOCH
    assert table.send("a", 1, topic_partitions=None).error_code == ErrorCode.FENCED_MEMBER_EPOCH


def test_a_heartbeat_of_the_former_epoch_gives_nothing_back() -> None:
    table = ConsumerTable(t=2)
    table.join("a", "t")
    table.join("b", "t")
    table.leave("a")
    table.beat("b")
    assert table.has["b"] == all_of("t", 2)
    table.join("c", "t")

    table.send("b", 2, topic_partitions=[])  # sent before it was given anything

    assert table.group.members["b"].epoch == 3
    assert len(table.group.members["b"].holds) == 2
    # after a timeout, clients say everything again
    table.beat("b", rebalance_timeout_ms=30_000, subscribed_topic_names=["t"])
    table.settle()
    assert len(table.has["b"]) == len(table.has["c"]) == 1


def test_epochs_that_cannot_be_are_fenced_and_joining_anew_mends_it() -> None:
    table = ConsumerTable(t=2)
    table.join("a", "t")
    assert table.send("a", 9).error_code == ErrorCode.FENCED_MEMBER_EPOCH
    assert table.join("a", "t").member_epoch == 1
    assert table.has["a"] == all_of("t", 2)


def test_strangers_are_unknown_and_a_group_must_be_joined_first() -> None:
    table = ConsumerTable(t=2)
    assert table.send("x", 5).error_code == ErrorCode.GROUP_ID_NOT_FOUND
    table.join("a", "t")
    assert table.send("x", 5).error_code == ErrorCode.UNKNOWN_MEMBER_ID
    assert table.leave("x").error_code == ErrorCode.UNKNOWN_MEMBER_ID


def test_a_full_group_takes_nobody_more() -> None:
    table = ConsumerTable(t=2)
    for number in range(5):
        assert table.join(f"m{number}", "t").error_code == 0
    assert table.join("late", "t").error_code == ErrorCode.GROUP_MAX_SIZE_REACHED
    assert table.join("m0", "t").error_code == 0


def test_a_member_without_an_id_gets_one() -> None:
    table = ConsumerTable(t=1)
    assert table.join("", "t").member_id == "made"


# --- subscriptions


def test_topics_that_come_grow_and_go_are_assigned_with_the_next_heartbeat() -> None:
    table = ConsumerTable(t=1)
    table.join("a", "t", "later")
    assert table.has["a"] == all_of("t", 1)
    table.set_topic("later", 1)
    table.settle()
    assert table.has["a"] == all_of("t", 1) | all_of("later", 1)
    table.set_topic("t", 3)
    table.settle()
    assert table.has["a"] == all_of("t", 3) | all_of("later", 1)
    gone = table.topics["later"]
    table.set_topic("later", None)
    epoch = table.group.epoch
    table.has["a"] -= all_of("later", 1)
    table.settle()
    assert table.group.epoch == epoch + 1
    assert all(place[0] != gone.topic_id for place in table.group.owners)


def test_a_topic_that_nobody_reads_changes_nothing() -> None:
    table = ConsumerTable(t=1)
    table.join("a", "t")
    table.set_topic("other", 5)
    epoch = table.group.epoch
    table.settle()
    assert table.group.epoch == epoch


def test_a_member_may_subscribe_to_something_else() -> None:
    table = ConsumerTable(t=2, u=2)
    table.join("a", "t")
    table.beat("a", subscribed_topic_names=["u"])
    table.settle()
    assert table.has["a"] == all_of("u", 2)
    assert table.group.subscribed_topics() == {"u"}


def test_a_pattern_stands_for_topics_that_are_there_or_come() -> None:
    table = ConsumerTable(a1=1, b=1, __a=1)
    table.join("m", subscribed_topic_regex="a.*|__.*")
    assert table.has["m"] == all_of("a1", 1) | all_of("__a", 1)
    table.set_topic("a2", 1)
    table.settle()
    assert table.has["m"] == all_of("a1", 1) | all_of("__a", 1) | all_of("a2", 1)
    table.restart()
    assert table.group.patterns == {"a.*|__.*": frozenset({"__a", "a1", "a2"})}
    table.beat("m", subscribed_topic_names=["b"], subscribed_topic_regex="")
    table.settle()
    assert table.has["m"] == all_of("b", 1)
    assert table.group.patterns == {}


def test_a_pattern_that_is_none_is_refused_and_nothing_changes() -> None:
    table = ConsumerTable(t=1)
    told = table.join("m", subscribed_topic_regex="(")
    assert told.error_code == ErrorCode.INVALID_REGULAR_EXPRESSION
    assert table.records == []
    assert table.group.is_blank


def test_the_assignor_that_most_members_ask_for_is_used() -> None:
    table = ConsumerTable(t=4)
    assert table.group.assignor == "uniform"
    table.join("a", "t", server_assignor="range")
    table.join("b", "t", server_assignor="range")
    table.join("c", "t", server_assignor="uniform")
    table.settle()
    assert table.group.assignor == "range"
    assert table.has["a"] == {("t", 0), ("t", 1)}
    refused = table.join("d", "t", server_assignor="odd")
    assert refused.error_code == ErrorCode.UNSUPPORTED_ASSIGNOR


# --- static members


def test_a_static_member_that_comes_back_has_what_it_had() -> None:
    table = ConsumerTable(t=4)
    table.join("a", "t", instance_id="i")
    table.join("b", "t")
    table.settle()
    had, epoch = table.has["a"], table.group.epoch
    told = table.leave("a", -2, instance_id="i")
    assert (told.error_code, told.member_epoch) == (0, -2)
    table.settle()
    told = table.join("a2", "t", instance_id="i")
    assert (told.error_code, table.has["a2"]) == (0, had)
    assert table.group.epoch == epoch, "nobody else was disturbed"
    assert "a" not in table.group.members
    table.settle()


def test_a_static_member_that_stays_away_is_put_out() -> None:
    table = ConsumerTable(t=4)
    table.join("a", "t", instance_id="i")
    table.join("b", "t")
    table.settle()
    table.leave("a", -2, instance_id="i")
    for _ in range(2):
        table.pass_time(5_000)
        table.beat("b")
    assert list(table.group.members) == ["b"]
    table.settle()
    assert table.has["b"] == all_of("t", 4)


def test_an_instance_in_use_is_not_released_and_its_former_id_is_fenced() -> None:
    table = ConsumerTable(t=1)
    table.join("a", "t", instance_id="i")
    told = table.join("b", "t", instance_id="i")
    assert told.error_code == ErrorCode.UNRELEASED_INSTANCE_ID
    assert table.send("b", 3, instance_id="i").error_code == ErrorCode.FENCED_INSTANCE_ID
    assert table.send("b", 3, instance_id="j").error_code == ErrorCode.UNKNOWN_MEMBER_ID
    assert table.leave("b", instance_id="i").error_code == ErrorCode.FENCED_INSTANCE_ID
    assert table.leave("b", instance_id="j").error_code == ErrorCode.UNKNOWN_MEMBER_ID


# --- restarts


def test_a_group_goes_on_from_its_records() -> None:
    table = ConsumerTable(t=4)
    table.join("a", "t", instance_id="i")
    table.join("b", "t")
    table.settle()
    before = table.group
    table.restart()
    for name in ("members", "targets", "owners", "static", "epoch", "assignment_epoch"):
        assert getattr(table.group, name) == getattr(before, name), name
    epoch = table.group.epoch
    table.settle()
    assert table.group.epoch == epoch
    table.pass_time(10_000)
    assert table.group.members == {}


def test_nobody_waits_in_a_consumer_group() -> None:
    assert ConsumerTable().group.abandoned(ErrorCode.NOT_COORDINATOR).replies == []
    assert ConsumerTable().group.expire(5, 5).records == []


# --- who may commit


@pytest.mark.parametrize(
    ("member_id", "epoch", "code"),
    [
        ("a", 1, ErrorCode.NONE),
        ("a", 0, ErrorCode.STALE_MEMBER_EPOCH),
        ("a", 2, ErrorCode.STALE_MEMBER_EPOCH),
        ("x", 1, ErrorCode.UNKNOWN_MEMBER_ID),
        ("", -1, ErrorCode.UNKNOWN_MEMBER_ID),
    ],
)
def test_members_commit_in_their_epoch(member_id: str, epoch: int, code: ErrorCode) -> None:
    table = ConsumerTable(t=1)
    table.join("a", "t")
    assert table.group.check_member(member_id, epoch) == code


def test_anybody_commits_for_an_empty_group() -> None:
    assert ConsumerTable().group.check_member("", -1) == ErrorCode.NONE
