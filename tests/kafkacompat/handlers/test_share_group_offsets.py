"""Waiting for several answers."""

from kafkacompat.handlers.share_group_offsets import AllOf
from kafkacompat_protocol.errors import ErrorCode, KafkaError


def test_all_answers_are_waited_for_and_each_is_told_of() -> None:
    told: list[object] = []
    waiting = AllOf()
    one, two = waiting.add(told.append), waiting.add(told.append)
    waiting.then(lambda: told.append("all"))
    error = KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE)

    two.resolve(error)
    one.resolve(None)

    assert told == [error, None, "all"]


def test_nothing_is_waited_for_where_nothing_is_asked() -> None:
    told: list[object] = []

    AllOf().then(lambda: told.append("all"))

    assert told == ["all"]
