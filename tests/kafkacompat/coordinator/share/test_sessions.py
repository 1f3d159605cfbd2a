"""Share sessions: epochs, limits, and whose they are."""

import pytest

from kafkacompat.coordinator.share.sessions import (
    FINAL_EPOCH,
    MAX_EPOCH,
    ShareSessions,
    TopicPartitionId,
)
from kafkacompat_protocol.errors import ErrorCode, KafkaError

A, B, C = (TopicPartitionId(bytes(16), index) for index in range(3))


def refused(sessions: ShareSessions, epoch: int) -> ErrorCode:
    with pytest.raises(KafkaError) as caught:
        sessions.resume("g", "m", epoch)
    return caught.value.code


def test_a_session_goes_on_with_the_epochs_that_follow() -> None:
    sessions = ShareSessions(10)
    session = sessions.open("g", "m", "connection")

    assert sessions.resume("g", "m", 1) is session
    assert sessions.resume("g", "m", 2) is session
    assert refused(sessions, 2) == ErrorCode.INVALID_SHARE_SESSION_EPOCH
    assert refused(sessions, 4) == ErrorCode.INVALID_SHARE_SESSION_EPOCH
    assert sessions.resume("g", "m", 3) is session


def test_after_the_highest_epoch_comes_1() -> None:
    sessions = ShareSessions(10)
    session = sessions.open("g", "m", "connection")
    session.epoch = MAX_EPOCH

    assert sessions.resume("g", "m", MAX_EPOCH).epoch == 1


def test_the_final_epoch_fits_any_session() -> None:
    sessions = ShareSessions(10)
    session = sessions.open("g", "m", "connection")

    assert sessions.resume("g", "m", FINAL_EPOCH) is session
    assert sessions.end(session)
    assert not sessions.end(session)
    assert refused(sessions, FINAL_EPOCH) == ErrorCode.SHARE_SESSION_NOT_FOUND


def test_a_session_that_is_not_there_cannot_go_on() -> None:
    assert refused(ShareSessions(10), 1) == ErrorCode.SHARE_SESSION_NOT_FOUND


def test_there_are_only_so_many_sessions() -> None:
    sessions = ShareSessions(1)
    first = sessions.open("g", "m", "connection")

    with pytest.raises(KafkaError) as caught:
        sessions.open("g", "other", "connection")

    assert caught.value.code == ErrorCode.SHARE_SESSION_LIMIT_REACHED
    sessions.end(first)
    sessions.open("g", "other", "connection")
    assert len(sessions) == 1


def test_partitions_that_were_served_come_last() -> None:
    session = ShareSessions(1).open("g", "m", "connection")
    session.update([A, B, C], [])
    session.served(A)
    session.update([A], [B])
    session.served(B)

    assert list(session.partitions) == [C, A]
    assert list(session.held) == [A, B]


def test_sessions_are_found_by_their_connection_and_group() -> None:
    sessions = ShareSessions(10)
    one = sessions.open("g", "m", "connection")
    two = sessions.open("h", "m", "connection")
    three = sessions.open("g", "n", "another")

    assert sessions.of_connection("connection") == [one, two]
    assert [each for each in sessions.all() if each.group_id == "g"] == [one, three]
    sessions.end(one)
    assert sessions.of_connection("connection") == [two]
    assert sessions.of_connection("closed") == []
