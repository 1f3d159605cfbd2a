"""A partition on its leader."""

import pytest

from kafkacompat.partitions.partition import Partition
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_storage.log import AppendRules
from kafkacompat_storage.store import open_store


def partition() -> Partition:
    log = open_store([], node_id=1, now_ms=0).open("t", 0, bytes(16), AppendRules())
    return Partition("t", bytes(16), 0, log)


@pytest.mark.parametrize(
    ("believed", "code"),
    [
        (-1, None),
        (5, None),
        (4, ErrorCode.FENCED_LEADER_EPOCH),
        (6, ErrorCode.UNKNOWN_LEADER_EPOCH),
    ],
)
def test_the_epoch_that_a_client_believes_in_is_compared(
    believed: int, code: ErrorCode | None
) -> None:
    found = partition()
    found.become_leader(5)
    if code is None:
        found.check_epoch(believed)
    else:
        with pytest.raises(KafkaError) as raised:
            found.check_epoch(believed)
        assert raised.value.code is code


def test_it_serves_only_between_becoming_leader_and_resigning() -> None:
    found = partition()
    woken = []
    for step in (lambda: None, lambda: found.become_leader(1), found.resign):
        step()
        found.wait("w", lambda: woken.append(found.is_leader))
        if found.is_leader:
            found.check_epoch(-1)
            continue
        with pytest.raises(KafkaError) as raised:
            found.check_epoch(-1)
        assert raised.value.code is ErrorCode.NOT_LEADER_OR_FOLLOWER
    assert woken == [False]


def test_one_that_stopped_waiting_is_not_woken() -> None:
    found = partition()
    woken: list[str] = []
    found.wait("a", lambda: woken.append("a"))
    found.wait("b", lambda: found.stop_waiting("b"))
    found.stop_waiting("a")
    found.wake()
    assert (woken, found.waiting) == ([], {})
