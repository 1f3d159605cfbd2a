"""Fetch sessions: epochs, bounds, what is remembered."""

import pytest

from kafkacompat.partitions.fetch_sessions import (
    EVICT_AFTER_MS,
    MAX_EPOCH,
    FetchKey,
    FetchSessions,
    FetchTarget,
)
from kafkacompat_protocol.errors import ErrorCode, KafkaError


def target(partition: int, offset: int = 0) -> FetchTarget:
    return FetchTarget(FetchKey(bytes(16), "t", partition), offset, 1000, -1, -1)


def test_each_request_of_a_session_expects_the_next_epoch() -> None:
    sessions = FetchSessions(10)
    made = sessions.open([target(0)], 0)
    assert made is not None
    for epoch in (1, 2, 3):
        assert sessions.resume(made.session_id, epoch, 0) is made
    with pytest.raises(KafkaError) as raised:
        sessions.resume(made.session_id, 3, 0)
    assert raised.value.code is ErrorCode.INVALID_FETCH_SESSION_EPOCH


def test_epochs_wrap_to_1() -> None:
    sessions = FetchSessions(10)
    made = sessions.open([target(0)], 0)
    assert made is not None
    made.epoch = MAX_EPOCH
    sessions.resume(made.session_id, MAX_EPOCH, 0)
    assert made.epoch == 1


def test_sessions_are_bounded_and_only_idle_ones_make_room() -> None:
    sessions = FetchSessions(2)
    first, second = sessions.open([target(0)], 0), sessions.open([target(0)], 0)
    assert first is not None
    assert second is not None
    assert sessions.open([target(0)], EVICT_AFTER_MS - 1) is None
    sessions.resume(first.session_id, 1, EVICT_AFTER_MS)
    assert sessions.open([target(0)], EVICT_AFTER_MS) is not None
    assert len(sessions) == 2
    with pytest.raises(KafkaError):
        sessions.resume(second.session_id, 1, EVICT_AFTER_MS)


def test_without_room_for_any_there_are_none() -> None:
    assert FetchSessions(0).open([target(0)], 0) is None


def test_an_update_changes_adds_and_drops() -> None:
    made = FetchSessions(1).open([target(0), target(1)], 0)
    assert made is not None
    made.targets[target(0).key].told_high_watermark = 7
    made.update([target(0, 5), target(2)], [target(1).key])
    assert [key.partition for key in made.targets] == [0, 2]
    changed = made.targets[target(0).key]
    assert (changed.fetch_offset, changed.told_high_watermark) == (5, 7)


def test_a_partition_that_was_served_goes_to_the_end_of_the_line() -> None:
    made = FetchSessions(1).open([target(0), target(1)], 0)
    assert made is not None
    made.served(target(0).key)
    assert [key.partition for key in made.targets] == [1, 0]
