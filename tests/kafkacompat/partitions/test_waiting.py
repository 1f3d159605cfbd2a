"""Waiting for several partitions at once."""

from kafkacompat.clock import Timers
from kafkacompat.partitions.waiting import Waiting
from tests.kafkacompat.partitions.test_partition import partition
from tests.support.clock import FakeClock


def test_any_partition_wakes_and_time_ends_the_wait() -> None:
    clock = FakeClock(monotonic_ms=0)
    first, second = partition(), partition()
    told: list[bool] = []
    waiting = Waiting(Timers(clock), [first, second], 100, told.append)
    second.wake()
    first.wake()
    clock.advance(99)
    assert told == [False, False]
    clock.advance(1)
    assert told == [False, False, True]
    waiting.stop()


def test_a_stopped_wait_is_over_for_good() -> None:
    clock = FakeClock(monotonic_ms=0)
    only = partition()
    told: list[bool] = []
    Waiting(Timers(clock), [only], 100, told.append).stop()
    only.wake()
    clock.advance(200)
    assert (told, only.waiting) == ([], {})
